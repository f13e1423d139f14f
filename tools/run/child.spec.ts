import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@kizuna/testing';

const CHILD = new URL('./child.mjs', import.meta.url).href;
const PROGRAM = 'console.log(process.pid); setInterval(() => undefined, 1_000)';
const RUN = `const { run } = await import(${JSON.stringify(CHILD)});
  process.exitCode = await run(process.execPath, ['-e', ${JSON.stringify(PROGRAM)}], { cwd: '.' });`;
/** Stands where npm stands: starts one program and does nothing about signals. */
const LAUNCHER = `require('node:child_process').spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(RUN)}],
  { stdio: 'inherit' }); setInterval(() => undefined, 1_000)`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** @returns the launcher, and the process of the program that runs two below it */
async function launch(script: string | undefined): Promise<{ launcher: ChildProcess; pid: number }> {
  const { npm_lifecycle_script: _, ...environment } = process.env;
  const launcher = spawn(process.execPath, ['-e', LAUNCHER], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...environment, ...(script === undefined ? {} : { npm_lifecycle_script: script }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(launcher.stdout, 'data')) as [Buffer];
  return { launcher, pid: Number(String(line)) };
}

describe('a program that npm started', () => {
  it('ends when npm was ended, which passes no signal on', async () => {
    const { launcher, pid } = await launch('node tools/run.mjs start');
    expect(isAlive(pid)).toBe(true);
    launcher.kill('SIGTERM');
    await eventually(() => expect(isAlive(pid)).toBe(false));
  });

  it('goes on without its parent when it was started by hand', async () => {
    const { launcher, pid } = await launch(undefined);
    launcher.kill('SIGTERM');
    await once(launcher, 'exit');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGTERM');
  });
});
