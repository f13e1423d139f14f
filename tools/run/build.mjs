import { join } from 'node:path';
import { run } from './child.mjs';

const WORTH_A_LINE_MS = 1_000;

/** Compiles what has changed; says so only when it takes long enough for somebody to wonder. */
export async function build(root, node) {
  const line = setTimeout(() => console.log('building'), WORTH_A_LINE_MS);
  const compiler = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
  const code = await run(node, [compiler, '-b', join(root, 'tsconfig.json')], { cwd: root });
  clearTimeout(line);
  if (code !== 0) throw new Error('The build failed: see the messages of the compiler above.');
}
