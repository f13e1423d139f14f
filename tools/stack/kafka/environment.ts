import type { Part, StackContext } from '../context.js';
import { accepts } from '../ports.js';

export interface KafkaAddress {
  /** Each `host:port`. */
  readonly brokers: readonly string[];
}

export async function kafkaFromEnvironment(context: StackContext): Promise<Part<KafkaAddress> | undefined> {
  const brokers = (context.environment['KIZUNA_KAFKA_BROKERS'] ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
  if (brokers.length === 0) return undefined;
  // One is enough, the client learns the others. No request is sent: the listener may speak TLS.
  const reached = await Promise.all(brokers.map(isReached));
  if (!reached.includes(true)) {
    throw new Error(`No broker of KIZUNA_KAFKA_BROKERS can be reached: ${brokers.join(', ')}.`);
  }
  context.report(`Kafka comes from KIZUNA_KAFKA_BROKERS: ${brokers.join(', ')}`);
  return { address: { brokers }, from: 'environment', stop: async () => undefined };
}

function isReached(broker: string): Promise<boolean> {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(broker) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) {
    throw new Error(
      `KIZUNA_KAFKA_BROKERS is a list of host:port with commas between, and "${broker}" is not one.`,
    );
  }
  return accepts(host, Number(port), 5_000);
}
