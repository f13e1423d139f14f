import { Logger } from '@nestjs/common';
import { dayPartition, ensurePartition, type Database } from '@kizuna/database';

const DAYS_AHEAD = 3;
const EVERY_MS = 60 * 60 * 1_000;
const DAY_MS = 86_400_000;

/** Keeps the day partitions of inbox and outbox ahead of the clock. @returns what stops it */
export async function maintainPartitions(database: Database): Promise<() => void> {
  const logger = new Logger('partitions');
  const maintain = async (): Promise<void> => {
    const [row] = await database.query<{ now: Date }>('SELECT now() AS now');
    const now = row?.now.getTime() ?? Date.now();
    for (const table of ['inbox', 'outbox']) {
      for (let day = 0; day <= DAYS_AHEAD; day += 1)
        await ensurePartition(database, table, dayPartition(new Date(now + day * DAY_MS)));
    }
  };
  await maintain();
  const timer = setInterval(() => {
    maintain().catch((error: unknown) =>
      logger.error({ err: error }, 'partitions could not be made, trying again in an hour'),
    );
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
