import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** What .npmrc's `node-options` puts into every process below npm; only jest needs it, and is given it. */
const FROM_NPMRC = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

const PARENT = process.ppid;
/** Otherwise whoever started this may well end and mean it to go on. */
const IS_STARTED_BY_NPM = (process.env.npm_lifecycle_script ?? '').includes('tools/run.mjs');
const LOOK_EVERY_MS = 500;

/** Runs a program in this terminal and answers its exit code; this process never ends before it. */
export function run(file, args, { cwd, env = {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: { ...environment(), ...env }, stdio: 'inherit' });
    const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => [signal, () => forward(child, signal)]);
    for (const [signal, listener] of listeners) process.on(signal, listener);
    const watch = IS_STARTED_BY_NPM ? onceOrphaned(() => child.kill('SIGTERM')) : undefined;
    const settle = (settled) => {
      clearInterval(watch);
      for (const [signal, listener] of listeners) process.off(signal, listener);
      settled();
    };
    child.once('error', (error) =>
      settle(() => reject(new Error(`${file} cannot be started: ${error.message}.`))),
    );
    child.once('exit', (code, signal) => settle(() => resolve(code ?? 128 + constants.signals[signal])));
  });
}

/** npm ends on a signal and passes it to nobody. That a parent is gone is told by nothing but a new one. */
function onceOrphaned(end) {
  const watch = setInterval(() => {
    if (process.ppid === PARENT) return;
    clearInterval(watch);
    end();
  }, LOOK_EVERY_MS);
  return watch;
}

/** A terminal sends Ctrl-C and hang-up to both of us itself; a second one could mean "at once" to the child. */
function forward(child, signal) {
  const fromTerminal =
    signal !== 'SIGTERM' && (process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  if (!fromTerminal) child.kill(signal);
}

function environment() {
  const { NODE_OPTIONS, ...others } = process.env;
  const kept = (NODE_OPTIONS ?? '')
    .split(' ')
    .filter((option) => option !== '' && !FROM_NPMRC.includes(option));
  return kept.length > 0 ? { ...others, NODE_OPTIONS: kept.join(' ') } : others;
}
