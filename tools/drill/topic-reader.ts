import { randomUUID } from 'node:crypto';
import { createKafkaClient, type KafkaClient } from '@kizuna/messaging';

const NOTHING_NEW_MS = 60_000;

/** What the checks need of one message. */
export interface TopicEvent {
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly sequence: number | undefined;
  readonly businessRef: string | undefined;
  /** Of an award: what earned it. */
  readonly kind: string | undefined;
}

/** A whole topic, each partition in its order. */
export type TopicContent = readonly TopicEvent[];

export const drillClient = (brokers: readonly string[]): KafkaClient =>
  createKafkaClient({ brokers, clientId: 'kizuna-drill', log: () => undefined });

/** Reads from the first message to the last one that is there now. */
export async function readTopic(client: KafkaClient, topic: string): Promise<TopicContent> {
  const admin = client.admin();
  const marks = await admin.watermarks(topic).finally(() => admin.stop());
  const left = new Map(
    marks.filter(({ low, high }) => high > low).map(({ partition, high }) => [partition, high]),
  );
  const events = new Map<number, TopicEvent[]>();
  const next = new Map<number, number>();
  if (left.size === 0) return [];

  let finish: (error?: Error) => void = () => undefined;
  const done = new Promise<void>((resolve, refuse) => {
    finish = (error) => (error ? refuse(error) : resolve());
  });
  const silence = setTimeout(
    () => finish(new Error(`${topic} could not be read within ${NOTHING_NEW_MS / 1_000} s`)),
    NOTHING_NEW_MS,
  );
  const consumer = client.consumer({
    groupId: `drill-${randomUUID()}`,
    topics: [topic],
    eachBatch: async ({ partition, messages, nextOffset }, control) => {
      const list = events.get(partition) ?? [];
      // A rebalance may bring a batch again; each offset counts once.
      const fresh = messages.filter(({ offset }) => offset >= (next.get(partition) ?? 0));
      for (const { key, value } of fresh) list.push(topicEvent(key, value));
      events.set(partition, list);
      next.set(partition, Math.max(nextOffset, next.get(partition) ?? 0));
      await control.settle(nextOffset);
      silence.refresh();
      if (nextOffset >= (left.get(partition) ?? 0)) left.delete(partition);
      if (left.size === 0) finish();
    },
    onJoin: () => undefined,
    onCrash: finish,
  });
  try {
    await consumer.start();
    await done;
  } finally {
    clearTimeout(silence);
    await consumer.stop();
  }
  return [...events.values()].flat();
}

export function topicEvent(key: string | undefined, value: Buffer | string | undefined): TopicEvent {
  const { id, type, data } = JSON.parse(value?.toString() ?? '{}') as {
    id?: string;
    type?: string;
    data?: { sequence?: number; business_ref?: string; kind?: string };
  };
  return {
    key: key ?? '',
    id: id ?? '',
    type: type ?? '',
    sequence: data?.sequence,
    businessRef: data?.business_ref,
    kind: data?.kind,
  };
}
