import { randomBytes } from 'node:crypto';

/** The one broker and the one database server of this run, started around it. */
export interface RealParts {
  readonly adminUrl: string;
  readonly brokers: readonly string[];
}

export function realParts(): RealParts {
  const adminUrl = process.env['KIZUNA_TEST_POSTGRES_URL'];
  const brokers = process.env['KIZUNA_TEST_KAFKA_BROKERS'];
  if (!adminUrl || !brokers)
    throw new Error('run the tests with `npm test`: it starts PostgreSQL and Kafka around them');
  return { adminUrl, brokers: brokers.split(',') };
}

/** A name that no other suite has: topic prefix, database suffix, program id. */
export function uniqueName(word: string): string {
  return `${word}-${randomBytes(4).toString('hex')}`;
}
