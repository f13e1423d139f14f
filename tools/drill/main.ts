import { join, resolve } from 'node:path';
import { readArguments, USAGE, UsageError } from './arguments.js';
import { Drill } from './drill.js';
import { jsonReport, reasons, textReport } from './report.js';

const REPOSITORY = resolve(import.meta.dirname, '..', '..', '..');
const INTERRUPTED = 130;

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2));
  const out = (line: string): void => void process.stdout.write(`${line}\n`);
  if (given.help) {
    out(USAGE);
    return 0;
  }
  const startedAt = Date.now();
  const progress = given.json ? process.stderr : process.stdout;
  const drill = new Drill({
    given,
    directory: resolve(given.directory ?? join(REPOSITORY, '.data', 'drill')),
    root: resolve(given.root ?? REPOSITORY),
    report: (line) =>
      void progress.write(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`),
  });
  try {
    const outcome = await Promise.race([drill.run(), untilInterrupted()]);
    if (outcome === 'interrupted') return INTERRUPTED;
    if (given.json) out(JSON.stringify(jsonReport(outcome)));
    else for (const line of textReport(outcome)) out(line);
    return reasons(outcome).length === 0 ? 0 : 1;
  } finally {
    await drill.stop();
  }
}

function untilInterrupted(): Promise<'interrupted'> {
  return new Promise((interrupted) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => interrupted('interrupted'));
  });
}

try {
  process.exit(await main());
} catch (error) {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof UsageError ? `${sentence}\n\n${USAGE}` : sentence}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
