import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from './index.js';

/** Without the addresses the test run itself may have been given. */
const LOCAL = { ...process.env, KIZUNA_POSTGRES_URL: '', KIZUNA_KAFKA_BROKERS: '' };
const UNREACHABLE = {
  KIZUNA_POSTGRES_URL: 'postgres://ann:secret@127.0.0.1:1/x',
  KIZUNA_KAFKA_BROKERS: '127.0.0.1:1',
};

describe('what the stack says when it cannot start', () => {
  const directory = join(tmpdir(), `kizuna-stack-never-${process.pid}`);
  const refusal = (environment: NodeJS.ProcessEnv): Promise<unknown> =>
    startStack({ directory, environment, report: () => undefined }).then(
      () => 'started',
      (error: Error) => error.message.split('\n'),
    );

  it('names Java, and what to install', async () => {
    const environment = {
      ...LOCAL,
      ...UNREACHABLE,
      KIZUNA_KAFKA_BROKERS: '',
      JAVA_HOME: '',
      PATH: directory,
    };
    expect(await refusal(environment)).toContain(
      'Java 17 or newer is needed for the local Kafka broker: install it, for example "apt-get install openjdk-17-jre-headless", or set KIZUNA_KAFKA_BROKERS.',
    );
  });

  it('names the address that does not answer, without its password', async () => {
    expect(await refusal({ ...LOCAL, ...UNREACHABLE })).toEqual([
      'The PostgreSQL server of KIZUNA_POSTGRES_URL does not answer: connect ECONNREFUSED 127.0.0.1:1.',
      'No broker of KIZUNA_KAFKA_BROKERS can be reached: 127.0.0.1:1.',
    ]);
  });
});

describe('the stack of the environment', () => {
  it('takes the addresses given, owns no directory and stops nothing', async () => {
    const directory = join(tmpdir(), `kizuna-stack-unused-${process.pid}`);
    const environment = {
      ...process.env,
      KIZUNA_POSTGRES_URL: process.env['KIZUNA_TEST_POSTGRES_URL'],
      KIZUNA_KAFKA_BROKERS: process.env['KIZUNA_TEST_KAFKA_BROKERS'],
    };
    const stack = await startStack({ directory, environment, report: () => undefined });
    expect([stack.postgres.from, stack.kafka.from]).toEqual(['environment', 'environment']);
    await stack.stop();
    const again = await startStack({ directory, environment, report: () => undefined });
    expect(again.postgres).toEqual(stack.postgres);
    expect(() => realpathSync(directory)).toThrow('ENOENT');
  });
});
