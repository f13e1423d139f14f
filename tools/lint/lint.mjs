// Lints every project through nx, then shows with canaries that each guard bites. Without a project graph the boundary
// rule would be skipped with a warning and exit 0, so that warning is an error here.
import { spawnSync } from 'node:child_process';
import { canaries } from './canaries.mjs';

const root = new URL('../..', import.meta.url).pathname;
const GRAPH_MISSING = 'No cached ProjectGraph';

function run(args, input) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    input,
    encoding: 'utf8',
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, output: `${stdout}${stderr}` };
}

let passed = 0;
let failed = 0;
function report(isFine, sentence, output = '') {
  process.stdout.write(`${isFine ? 'ok    ' : 'FAILED'} ${sentence}\n${isFine ? '' : output}`);
  if (isFine) passed += 1;
  else failed += 1;
}

const lint = run([
  'node_modules/nx/dist/bin/nx.js',
  'run-many',
  '-t',
  'lint',
  '--parallel=2',
  '--output-style=static',
]);
report(lint.status === 0 && !lint.output.includes(GRAPH_MISSING), 'lint of every project', lint.output);

for (const { guard, file, code, message } of canaries) {
  const { output } = run(['node_modules/eslint/bin/eslint.js', '--stdin', '--stdin-filename', file], code);
  report(output.includes(message) && !output.includes(GRAPH_MISSING), `canary: ${guard}`, output);
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
