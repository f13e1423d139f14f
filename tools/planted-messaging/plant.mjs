/**
 * Shows that the conformance suite can fail: plants one bug after the other into a copy of a library, runs the specs that
 * have to see it, and ends with 1 when one of them stays green.
 *
 *   npm run test:planted [-- <word of a bug's name>]
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pinnedNode } from '../run/node.mjs';
import { bugs } from './bugs.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const work = join(root, '.data', `planted-${process.pid}`);
const node = pinnedNode(root);

const face = join(root, 'tools', 'dist', 'stack', 'index.js');
if (!existsSync(face) || !existsSync(join(root, 'libs', 'testing', 'dist', 'conformance', 'worker.js'))) {
  console.error('The workspace is not built: run "npm run build" first.');
  process.exit(1);
}

const word = process.argv[2] ?? '';
const chosen = bugs.filter(({ name }) => name.includes(word));
const { removeStack, startStack } = await import(pathToFileURL(face).href);
const stack = await startStack({ directory: join(work, 'stack'), report: () => undefined });
const green = [];
try {
  // The same copy without a bug: else something red would prove nothing.
  const control = await redTests(nothing(), plant(nothing()));
  if (control.length > 0) throw new Error(`red with nothing planted: ${control.join('; ')}`);
  for (const bug of chosen) {
    const failed = await redTests(bug, plant(bug));
    if (failed.length === 0) green.push(bug.name);
    console.log(
      failed.length === 0
        ? `${bug.name}: NOT SEEN by ${bug.specs.join(', ')}`
        : `${bug.name}: seen red by: ${failed.join('; ')}`,
    );
  }
} finally {
  await stack.stop();
  await removeStack(join(work, 'stack'));
  rmSync(work, { recursive: true, force: true });
}
if (green.length > 0 || chosen.length === 0) process.exitCode = 1;

function nothing() {
  const specs = [...new Set(chosen.flatMap((bug) => bug.specs))];
  const tests = chosen.map((bug) => `(${bug.tests})`).join('|');
  return { name: 'nothing', lib: 'messaging', file: 'index.ts', from: '', to: '', specs, tests };
}

/** A copy of the library with the bug in it: as source for the test runner, compiled for worker processes. */
function plant({ name, lib, file, from, to }) {
  const folder = join(work, name.replaceAll(' ', '-'));
  const source = join(folder, 'src');
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'libs', lib, 'src'), source, { recursive: true });
  if (from !== '') replaceOnce(name, join(source, file), from, to);
  compile(source, join(folder, 'dist'));
  return folder;
}

function replaceOnce(name, path, from, to) {
  const parts = readFileSync(path, 'utf8').split(from);
  if (parts.length !== 2)
    throw new Error(
      `${name}: ${relative(work, path)} must have "${from}" once, not ${parts.length - 1} times`,
    );
  writeFileSync(path, parts.join(to));
}

function compile(source, target) {
  const { transformFileSync } = createRequire(join(root, 'package.json'))('@swc/core');
  writeInto(target, 'package.json', '{"type":"module"}');
  for (const path of readdirSync(source, { recursive: true })) {
    if (!path.endsWith('.ts') || path.endsWith('.spec.ts')) continue;
    const { code } = transformFileSync(join(source, path), swcOptions());
    writeInto(target, path.replace(/\.ts$/, '.js'), code);
  }
}

function swcOptions() {
  return {
    swcrc: false,
    jsc: {
      target: 'es2024',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
    module: { type: 'es6' },
  };
}

function writeInto(folder, path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function redTests({ lib, specs, tests }, folder) {
  const name = `@kizuna/${lib}`;
  const config = join(folder, 'jest.config.mjs');
  const outcome = join(folder, 'outcome.json');
  writeFileSync(config, jestConfig(name, folder));
  const code = await run(
    [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
      ...[join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--config', config],
      ...['--json', '--outputFile', outcome, '--testNamePattern', tests],
      ...specs.map((spec) => `/conformance/${spec}.spec.ts`),
    ],
    {
      KIZUNA_TEST_POSTGRES_URL: stack.postgres.adminUrl,
      KIZUNA_TEST_KAFKA_BROKERS: stack.kafka.brokers.join(','),
      KIZUNA_PLANTED: JSON.stringify({ [name]: pathToFileURL(join(folder, 'dist', 'index.js')).href }),
      NODE_OPTIONS: `--import=${pathToFileURL(join(root, 'tools', 'planted-messaging', 'redirect.mjs')).href}`,
    },
  );
  if (!existsSync(outcome)) throw new Error(`jest ended with ${code} and told nothing`);
  const { testResults } = JSON.parse(readFileSync(outcome, 'utf8'));
  const cases = testResults.flatMap(({ assertionResults }) => assertionResults);
  // A suite that does not even load has seen nothing.
  const broken = testResults.find(({ assertionResults }) => assertionResults.length === 0);
  if (broken) throw new Error(`${relative(root, broken.name)} did not run: ${broken.message}`);
  return cases.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
}

/** The workspace's configuration, with the planted library in place of its own. */
function jestConfig(name, folder) {
  const base = pathToFileURL(join(root, 'jest.config.mjs')).href;
  return `import base from ${JSON.stringify(base)};
const { globalSetup, globalTeardown, ...own } = base;
export default {
  ...own,
  rootDir: ${JSON.stringify(root)},
  roots: ['<rootDir>/libs/testing/src/conformance'],
  moduleNameMapper: {
    '^${name}$': ${JSON.stringify(join(folder, 'src', 'index.ts'))},
    ...own.moduleNameMapper,
  },
};
`;
}

function run(args, environment) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', process.env.PLANTED_VERBOSE ? 'inherit' : 'ignore'],
    });
    child.once('error', reject).once('close', resolve);
  });
}
