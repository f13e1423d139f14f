import 'reflect-metadata';
import { schemaOf } from '@kizuna/database';
import { messagingSchema } from '@kizuna/messaging';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { startRoom } from '../rooms.js';
import { createTopics } from '../topics.js';
import { trialRoom } from './trial-module.js';

/** The trial under the name of a room that owns topics. */
const NAME = 'campaigns';

class OwnerOfTopics1764000000002 implements MigrationInterface {
  readonly name = 'OwnerOfTopics1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingSchema(schemaOf(NAME), `${schemaOf(NAME)}_runtime`));
  }

  down(): Promise<void> {
    return Promise.resolve();
  }
}

describe('a room that publishes to topics of its own', () => {
  const migrations = [OwnerOfTopics1764000000002];
  const environment = { LOG_LEVEL: 'silent' };

  it('does not start where they are missing, and says which: a send would be retried for ever', async () => {
    const topics = await createTopics('gateway');
    const [name, dlq] = [topics.name('award-events'), topics.name('award-events.dlq')];
    await expect(
      startRoom({ ...trialRoom, name: NAME }, { migrations, topics, environment }),
    ).rejects.toThrow(`topics are missing, run the migrations first: ${name}, ${dlq}`);
  });

  it('starts where they are', async () => {
    const topics = await createTopics('gateway', 'campaigns');
    const room = await startRoom({ ...trialRoom, name: NAME }, { migrations, topics, environment });
    await room.stop();
  });
});
