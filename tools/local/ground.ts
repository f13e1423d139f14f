import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimDirectory } from '../stack/directory-claim.js';
import { removeStack } from '../stack/index.js';
import { ServiceRecords } from './service-records.js';

/** What makes its installation anew on every run. */
export type Maker = 'drill' | 'backlog' | 'bench';

/** Servers of its own, whatever the environment names: they begin empty, and may be treated badly. */
export function ownServersOnly(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, KIZUNA_POSTGRES_URL: '', KIZUNA_KAFKA_BROKERS: '' };
}

/**
 * Makes the directory empty: what an earlier run of the same maker left is stopped and deleted.
 *
 * @throws when it holds anything that no such run made, or one runs in it
 */
export async function clearGround(
  directory: string,
  maker: Maker,
  report: (line: string) => void,
): Promise<void> {
  const mark = `${maker}.json`;
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    if (!existsSync(join(directory, mark)))
      throw new Error(
        `${directory} is not empty and has no ${mark}: name another directory, or delete it yourself.`,
      );
    const claim = claimDirectory(directory);
    await new ServiceRecords(directory).stopOrphans(report);
    claim.release();
    await removeStack(directory);
  }
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, mark), '{}\n');
}
