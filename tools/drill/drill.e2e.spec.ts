import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { toolsFolder } from '../stack/context.js';

const SEED = 4;
const MINUTES = 25 / 60;
const LIMIT_MS = 240_000;

interface Ended {
  readonly code: number | null;
  readonly report: Readonly<Record<string, unknown>>;
  readonly progress: string;
}

/** As a process of its own, with servers of its own: the faults must not reach what other suites use. */
function drill(directory: string): Promise<Ended> {
  const main = join(toolsFolder(), 'dist', 'drill', 'main.js');
  const options = ['--seed', String(SEED), '--minutes', String(MINUTES), '--directory', directory, '--json'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    let report = '';
    let progress = '';
    child.stdout.on('data', (text: Buffer) => (report += text.toString()));
    child.stderr.on('data', (text: Buffer) => (progress += text.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code, report: JSON.parse(report || '{}') as Ended['report'], progress }),
    );
  });
}

describe('a short drill', () => {
  // Named so that the next test run finds it and stops its servers, should this one be killed.
  const directory = join(toolsFolder(), '..', '.data', `test-${process.pid}-drill`);

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it(
    'ends with everything acknowledged having its effects once, whatever was killed',
    async () => {
      const { code, report, progress } = await drill(directory);
      // The whole of it: what failed is in there.
      expect({ code, closing: report['closing'], progress: code === 0 ? '' : progress }).toEqual({
        code: 0,
        closing: 'drill passed',
        progress: '',
      });
      expect(report['faults']).toBeGreaterThan(2);
      expect(report['events_acknowledged']).toBeGreaterThan(500);
      expect(report['engagements_acknowledged']).toBeGreaterThan(50);
      // How many there is time for is up to the machine; without any of both nothing was judged.
      expect(report['redemptions']).toBeGreaterThan(3);
      expect(report['redemptions_refused']).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
});
