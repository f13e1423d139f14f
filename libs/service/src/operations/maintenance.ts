import { Logger } from '@nestjs/common';
import type { Database } from '@kizuna/database';
import { tidyPartitions, type Admin, type KafkaChunksStrategy, type LagWatch } from '@kizuna/messaging';
import type { FetchWatch } from './fetch-watch.js';

const TIDY_EVERY_MS = 60 * 60 * 1_000;
const WATCH_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 10_000;

/**
 * What a room does for itself from time to time: partitions of inbox and outbox, a look at its lag, and a watchdog that
 * ends the process when its consumer is stuck.
 *
 * @returns what stops it
 */
export async function maintain(
  database: Database,
  admin: Admin,
  strategy: KafkaChunksStrategy,
  lags: LagWatch,
  topicName: (topic: string) => string,
  fetches: FetchWatch,
  fetchTimeoutMs: number,
): Promise<() => void> {
  const logger = new Logger('maintenance');
  const lowWatermark = async (topic: string, lane: number): Promise<number> => {
    const marks = await admin.watermarks(topicName(topic));
    return marks.find(({ partition }) => partition === lane)?.low ?? 0;
  };
  const tidy = async (): Promise<void> => {
    const dropped = await tidyPartitions(database, strategy.inboxTopics(), lowWatermark);
    if (dropped.length > 0) logger.log(`dropped ${dropped.join(', ')}`);
  };
  await tidy();
  const tidying = setInterval(() => {
    tidy().catch((error: unknown) => logger.error({ err: error }, 'tidying failed, trying again in an hour'));
  }, TIDY_EVERY_MS);
  const watching = setInterval(() => {
    if (fetches.stuckMs() >= fetchTimeoutMs) {
      logger.fatal(`no fetch from Kafka for ${Math.round(fetches.stuckMs() / 1_000)} s, exiting`);
      process.exit(1);
    }
    void fetches.look();
  }, WATCH_EVERY_MS);
  // Whoever asks for the lag is told since when something waits, which only one who looked before can know.
  const looking = setInterval(() => void lags.read(strategy.topics()).catch(() => undefined), LOOK_EVERY_MS);
  looking.unref();
  tidying.unref();
  watching.unref();
  return () => {
    clearInterval(tidying);
    clearInterval(watching);
    clearInterval(looking);
  };
}
