import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from './child.mjs';

/** Runs `npm ci` unless node_modules is what package-lock.json says; a stamp makes the question cheap. */
export async function installIfNeeded(root) {
  const stamp = join(root, 'node_modules', '.kizuna-lock');
  const lockFile = read(join(root, 'package-lock.json'));
  if (lockFile === undefined) throw new Error('package-lock.json is missing: is this a complete checkout?');
  const hash = createHash('sha256').update(lockFile).digest('hex');
  if (read(stamp) === hash) return;
  if (!isInstalled(root, lockFile)) await install(root);
  writeFileSync(stamp, hash);
}

async function install(root) {
  console.log('installing the packages of package-lock.json with npm ci');
  const npm = process.env.npm_execpath ?? '';
  const [file, ...args] = basename(npm) === 'npm-cli.js' ? [process.execPath, npm, 'ci'] : ['npm', 'ci'];
  // Warnings would be about packages that want a newer Node than the one npm itself runs on: they get it.
  const code = await run(file, [...args, '--loglevel=error'], { cwd: root });
  if (code !== 0) throw new Error(`npm ci failed with exit code ${code}: see its message above.`);
}

/**
 * True after an `npm ci` or `npm install` by hand, which leave no stamp: npm notes in node_modules what it
 * installed, and that is compared entry by entry.
 */
function isInstalled(root, lockFile) {
  const installed = read(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const present = JSON.parse(installed).packages ?? {};
  const wanted = JSON.parse(lockFile).packages ?? {};
  const isSame = (path) =>
    wanted[path] !== undefined &&
    present[path].version === wanted[path].version &&
    present[path].integrity === wanted[path].integrity;
  const isThere = (path) =>
    present[path] !== undefined || wanted[path].optional === true || !path.startsWith('node_modules/');
  return Object.keys(present).every(isSame) && Object.keys(wanted).every(isThere);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
