/**
 * Runs one command of this repository right after `git clone`: installs and builds what is missing first.
 * Uses nothing but Node, and only old syntax up to the version check, so that an old Node can say so.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const PROGRAMS = ['start', 'kizuna', 'generate', 'bench', 'drill', 'backlog'];
const COMMANDS = [...PROGRAMS, 'test', 'test-long'];
const OLDEST_NODE = [20, 11];

function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}

function isAtLeast(version, [major, minor]) {
  const [ownMajor, ownMinor] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

if (!isAtLeast(process.versions.node, OLDEST_NODE)) {
  stop(`Node.js ${OLDEST_NODE.join('.')} or newer is needed, and this is ${process.versions.node}.`);
}
const [command, ...rest] = process.argv.slice(2);
if (!COMMANDS.includes(command)) {
  stop(`Usage: node tools/run.mjs <${COMMANDS.join('|')}> [arguments], not "${command ?? ''}".`);
}

const { withRunLock } = await import('./run/lock.mjs');
const { installIfNeeded } = await import('./run/install.mjs');
const { build } = await import('./run/build.mjs');
const { pinnedNode } = await import('./run/node.mjs');
const { run } = await import('./run/child.mjs');

try {
  const node = await withRunLock(root, async () => {
    await installIfNeeded(root);
    const found = pinnedNode(root);
    await build(root, found);
    return found;
  });
  process.exitCode = await run(node, argumentsFor(command), {
    cwd: process.cwd(),
    env: environmentFor(command),
  });
} catch (error) {
  stop(error.message);
}

function argumentsFor(name) {
  if (PROGRAMS.includes(name)) {
    const main = join(root, 'tools', 'dist', name, 'main.js');
    if (!existsSync(main)) throw new Error(`There is no tools/${name}/main.ts to run.`);
    return [main, ...rest];
  }
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--config',
    join(root, 'jest.config.mjs'),
  ];
  // The long ones alone: `npm test` has the others.
  const only = name === 'test-long' ? ['--testPathPatterns', '\\.long\\.spec\\.ts$'] : [];
  return [...jest, ...only, ...rest];
}

function environmentFor(name) {
  return name === 'test-long' ? { KIZUNA_TEST_LONG: '1' } : {};
}
