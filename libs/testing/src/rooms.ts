import { Database, schemaOf, type MigrationClass, type RoomUrls } from '@kizuna/database';
import { start, type Room, type RoomConfig, type RunningRoom } from '@kizuna/service';
import { createDatabase, dropDatabase } from './databases.js';
import { realParts } from './real-parts.js';
import type { TestTopics } from './topics.js';

export const OPERATOR_SECRET = 'operator-of-a-test';

export interface TestRoom extends RunningRoom {
  readonly urls: RoomUrls;
  /** A second connection under the runtime role, to look at rows. */
  readonly database: Database;
  get(path: string, authorization: string): Promise<{ status: number; body: unknown }>;
  post(path: string, authorization: string, body: unknown): Promise<{ status: number; body: unknown }>;
}

export interface TestRoomOptions {
  readonly migrations: readonly MigrationClass[];
  readonly topics: TestTopics;
  readonly environment?: Readonly<Record<string, string>>;
  /** Database of an instance that runs already: two of them share it. */
  readonly shared?: RoomUrls;
}

/** Starts a room in this process, on a migrated database of its own and real topics. */
export async function startRoom<Config extends RoomConfig>(
  room: Room<Config>,
  { migrations, topics, environment = {}, shared }: TestRoomOptions,
): Promise<TestRoom> {
  const urls = shared ?? (await createDatabase(room.name, migrations));
  const running = await start(room, {
    PORT: '0',
    INTERNAL_PORT: '0',
    DATABASE_URL: urls.runtimeUrl,
    KAFKA_BROKERS: realParts().brokers.join(','),
    KAFKA_TOPIC_PREFIX: topics.prefix,
    OPERATOR_SECRET,
    LOG_LEVEL: 'error',
    ...environment,
  });
  const database = await Database.connect({
    url: urls.runtimeUrl,
    schema: schemaOf(room.name),
    applicationName: 'kizuna-test',
    poolSize: 3,
  });
  const call = async (path: string, init: RequestInit) => {
    const isInternal = /^\/(internal|metrics)\b/.test(path);
    const response = await fetch(`${isInternal ? running.internalUrl : running.url}${path}`, init);
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as unknown };
  };
  return {
    ...running,
    urls,
    database,
    get: (path, authorization) => call(path, { headers: { authorization } }),
    post: (path, authorization, body) =>
      call(path, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    stop: async () => {
      await running.stop();
      await database.close();
      if (!shared) await dropDatabase(urls);
    },
  };
}
