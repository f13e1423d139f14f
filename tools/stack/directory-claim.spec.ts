import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { toolsFolder } from './context.js';
import { claimDirectory } from './directory-claim.js';

describe('claiming a directory', () => {
  const root = mkdtempSync(join(tmpdir(), 'kizuna-claim-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('belongs to one owner until released', () => {
    const claim = claimDirectory(root);
    expect(() => claimDirectory(root)).toThrow(`${root} is in use by process ${process.pid}`);
    claim.release();
    claimDirectory(root).release();
  });

  it('goes to exactly one of several processes that find a dead owner at once', async () => {
    const rounds = Array.from({ length: 200 }, (_, round) => join(root, `round-${round}`));
    for (const directory of rounds) leaveDeadOwner(directory);

    const claimed = await contend(`for (const directory of ${JSON.stringify(rounds)}) {
      if (claim(directory)) say(directory);
    }`);

    expect(claimed.sort()).toEqual([...rounds].sort());
  });

  it('is never held by two processes at once, however often it changes hands', async () => {
    const directory = join(root, 'changing-hands');
    leaveDeadOwner(directory);

    const overlaps = await contend(`for (let held = 0; held < 300; ) {
      const claimed = claim(${JSON.stringify(directory)});
      if (!claimed) continue;
      held += 1;
      try { fs.writeFileSync(${JSON.stringify(join(root, 'held'))}, '', { flag: 'wx' }); } catch { say('overlap'); }
      fs.rmSync(${JSON.stringify(join(root, 'held'))}, { force: true });
      claimed.release();
    }`);

    expect(overlaps).toEqual([]);
  });
});

function leaveDeadOwner(directory: string): void {
  mkdirSync(join(directory, 'owner'), { recursive: true });
  const owner = { pid: process.pid, startedAt: 'another boot:1' };
  writeFileSync(join(directory, 'owner', '7'), JSON.stringify(owner));
}

/** Runs the loop in four processes at once and answers what they said, each line of all of them. */
async function contend(loop: string): Promise<string[]> {
  const contenders = Array.from({ length: 4 }, () => contender(loop));
  await Promise.all(contenders.map((each) => each.said('ready')));
  for (const { child } of contenders) child.stdin.write('go');
  await Promise.all(contenders.map((each) => each.said('done')));
  // Only now: an owner that ends loses its claims to the others.
  for (const { child } of contenders) child.stdin.end();
  return contenders.flatMap(({ lines }) => lines().filter((line) => line !== 'ready' && line !== 'done'));
}

interface Contender {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  lines(): readonly string[];
  said(word: string): Promise<void>;
}

function contender(loop: string): Contender {
  const face = pathToFileURL(join(toolsFolder(), 'dist', 'stack', 'directory-claim.js')).href;
  const script = `
    import fs from 'node:fs';
    import { claimDirectory } from ${JSON.stringify(face)};
    const say = (line) => process.stdout.write(line + '\\n');
    const claim = (directory) => { try { return claimDirectory(directory); } catch { return undefined; } };
    process.stdin.once('data', () => { ${loop}; say('done'); });
    process.stdin.once('end', () => process.exit());
    say('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const lines = (): readonly string[] => output.split('\n').slice(0, -1);
  return {
    child,
    lines,
    said: async (word) => {
      while (!lines().includes(word)) await once(child.stdout, 'data');
    },
  };
}
