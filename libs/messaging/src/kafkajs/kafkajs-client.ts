// Before the client itself.
import './leaner-encoding.js';
import { Kafka, logLevel, type LogEntry } from 'kafkajs';
import type { Admin, Consumer, ConsumerOptions, KafkaClient, Producer } from '../port.js';
import { createAdmin } from './admin.js';
import { createConsumer } from './consumer.js';
import { createProducer } from './producer.js';
import { guardHeartbeatClock } from './heartbeat-guard.js';
import { guardRequestQueueTimer } from './request-queue-guard.js';

export interface KafkaClientOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Receives what the client logs; its own levels are kept. */
  log(
    level: 'error' | 'warn' | 'info' | 'debug',
    message: string,
    detail: Readonly<Record<string, unknown>>,
  ): void;
}

let guarded = false;

/** The one place where the client library is chosen. */
export function createKafkaClient({ brokers, clientId, log }: KafkaClientOptions): KafkaClient {
  if (!guarded) {
    guardRequestQueueTimer();
    guardHeartbeatClock();
  }
  guarded = true;
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    enforceRequestTimeout: true,
    // The library's own steps grow to many seconds, and a consumer that crashed waits the last of them.
    retry: { initialRetryTime: 200, maxRetryTime: 1_000, retries: 10 },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => forward(entry, log),
  });
  return {
    consumer: (options: ConsumerOptions): Consumer => createConsumer(kafka, options),
    producer: (): Producer => createProducer(kafka),
    admin: (): Admin => createAdmin(kafka),
  };
}

function forward({ level, log: entry, namespace }: LogEntry, log: KafkaClientOptions['log']): void {
  const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...detail } = entry;
  // A fresh broker still loads its coordinators and retried requests are logged as errors: nothing to alarm on.
  const words = `${message} ${String(entry['error'] ?? '')}`;
  const retried = 'retryCount' in detail || /coordinator|rebalanc|Limiting retries/i.test(words);
  const name =
    level === logLevel.ERROR ? (retried ? 'warn' : 'error') : level === logLevel.WARN ? 'warn' : 'debug';
  log(name, message, { namespace, ...detail });
}
