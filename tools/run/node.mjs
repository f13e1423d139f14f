import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The Node of package.json's optionalDependencies; elsewhere the one that runs this, if it is new enough. */
export function pinnedNode(root) {
  const pinned = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (process.platform === 'linux' && existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 9)) return process.execPath;
  throw new Error(
    `Node.js 24.9 or newer is needed on ${process.platform}-${process.arch}, and this is ${process.versions.node}: install it and try again.`,
  );
}
