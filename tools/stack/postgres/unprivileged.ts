import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Command } from '../os-process.js';

const run = promisify(execFile);

// Root outside is user 1000 inside, so root keeps owning the files and PostgreSQL sees an ordinary user.
const UNSHARE = ['-U', '--map-user=1000', '--map-group=1000', '--'] as const;

/** PostgreSQL refuses to run as root; then it runs in a user namespace, where root is somebody else. */
export type Unprivileged = (command: Command) => Command;

export async function unprivileged(environment: NodeJS.ProcessEnv): Promise<Unprivileged> {
  if (process.getuid?.() !== 0) return (command) => command;
  try {
    await run('unshare', [...UNSHARE, 'true'], { env: environment });
  } catch (error) {
    throw new Error(
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'PostgreSQL does not run as root, and the command that helps is missing: install "unshare", for example "apt-get install util-linux", run this as an ordinary user, or set KIZUNA_POSTGRES_URL.'
        : 'PostgreSQL does not run as root, and this machine does not let root create a user namespace: run this as an ordinary user, or set KIZUNA_POSTGRES_URL.',
    );
  }
  return (command) => ({
    ...command,
    file: 'unshare',
    arguments: [...UNSHARE, command.file, ...command.arguments],
  });
}
