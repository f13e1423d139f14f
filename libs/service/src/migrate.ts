import { migrate, schemaOf, type MigrationClass } from '@kizuna/database';
import { createKafkaClient, createOwnTopics, withPrefix } from '@kizuna/messaging';
import { ConfigReader } from './config.js';

/** Entry of every room's `migrate.ts`: brings tables and topics up to date as the owner role, then ends. */
export async function migrateRoom(room: string, migrations: readonly MigrationClass[]): Promise<void> {
  try {
    const reader = new ConfigReader(process.env);
    const url = reader.url('MIGRATION_DATABASE_URL', ['postgres:', 'postgresql:']);
    const brokers = reader.list('KAFKA_BROKERS');
    const prefix = reader.text('KAFKA_TOPIC_PREFIX', '');
    reader.done();

    const ran = await migrate({ url, schema: schemaOf(room), migrations });
    const admin = createKafkaClient({
      brokers,
      clientId: `kizuna-${room}-migrate`,
      log: (level, message) => level === 'error' && process.stderr.write(`${message}\n`),
    }).admin();
    await createOwnTopics(admin, room, withPrefix(prefix));
    await admin.stop();
    process.stdout.write(`${room}: ${ran.length === 0 ? 'up to date' : `ran ${ran.join(', ')}`}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(
      `${room} cannot be migrated: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exit(1);
  }
}
