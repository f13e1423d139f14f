import type { Part, StackContext, Way } from './context.js';
import { kafkaFromEnvironment, type KafkaAddress } from './kafka/environment.js';
import { kafkaFromLocalProcess } from './kafka/local.js';
import { postgresFromEnvironment, type PostgresAddress } from './postgres/environment.js';
import { postgresFromLocalProcess } from './postgres/local.js';

/** In the order in which they are tried; each part is found on its own. */
export const POSTGRES_WAYS: readonly Way<PostgresAddress>[] = [
  postgresFromEnvironment,
  fromDocker,
  postgresFromLocalProcess,
];

export const KAFKA_WAYS: readonly Way<KafkaAddress>[] = [
  kafkaFromEnvironment,
  fromDocker,
  kafkaFromLocalProcess,
];

export async function findFirst<Address>(
  ways: readonly Way<Address>[],
  context: StackContext,
): Promise<Part<Address>> {
  for (const way of ways) {
    const part = await way(context);
    if (part !== undefined) return part;
  }
  throw new Error('No way to get a part of the stack applies here.');
}

/**
 * Not there yet: containers of postgres:18 and apache/kafka through Testcontainers, where a Docker engine
 * answers. It never applies today, so the local processes are used even on a machine with Docker.
 */
async function fromDocker(): Promise<undefined> {
  return undefined;
}
