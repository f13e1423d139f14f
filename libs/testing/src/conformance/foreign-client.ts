// Plays the clients that are not ours: what our own producer refuses to send, what an operator's tool does to a group or
// a topic. It must know nothing of the port that is under test.
// eslint-disable-next-line no-restricted-imports
import kafkajs, { type Kafka as KafkaJs, type Message } from 'kafkajs';
import { eventually } from '../eventually.js';
import { realParts, uniqueName } from '../real-parts.js';

export type ForeignMessage = Message;

export function foreignKafka(): KafkaJs {
  return new kafkajs.Kafka({
    brokers: [...realParts().brokers],
    clientId: 'kizuna-foreign',
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

/** Where a client with default settings would put a key. */
export function defaultPartition(key: string, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    leader: 1,
    partitionErrorCode: 0,
    replicas: [1],
    isr: [1],
  }));
  return kafkajs.Partitioners.DefaultPartitioner()({
    topic: 't',
    partitionMetadata,
    message: { key, value: '' },
  });
}

export async function foreignProduce(
  topic: string,
  messages: readonly ForeignMessage[],
  { gzip = false } = {},
): Promise<void> {
  const producer = foreignKafka().producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const compression = gzip ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None;
  await producer.send({ topic, messages: [...messages], compression });
  await producer.disconnect();
}

/** A transaction that wrote the messages one by one and was aborted: they stay in the topic, for nobody to read. */
export async function abortedTransaction(topic: string, messages: readonly ForeignMessage[]): Promise<void> {
  const producer = foreignKafka().producer({
    idempotent: true,
    maxInFlightRequests: 1,
    transactionalId: uniqueName('transaction'),
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  for (const message of messages) await transaction.send({ topic, messages: [message] });
  await transaction.abort();
  await producer.disconnect();
}

async function withAdmin<Result>(
  work: (admin: ReturnType<KafkaJs['admin']>) => Promise<Result>,
): Promise<Result> {
  const admin = foreignKafka().admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export async function deleteTopic(topic: string): Promise<void> {
  await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
}

/** Deletes a topic and makes it anew under the same name. */
export async function recreateTopic(
  topic: string,
  partitions: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  await withAdmin(async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    // Deleting goes on in the background; until it ends the name is taken.
    await eventually(async () => {
      const isMade = await admin.createTopics({
        waitForLeaders: false,
        topics: [{ topic, numPartitions: partitions, configEntries }],
      });
      if (!isMade) throw new Error(`${topic} is still there`);
    });
    // A busy broker shows, and even fills, the old one for a while.
    await eventually(async () => {
      const offsets = await admin.fetchTopicOffsets(topic);
      if (offsets.length !== partitions || offsets.some(({ high }) => high !== '0'))
        throw new Error(`${topic} is still the old one`);
    });
  });
}

/** Deletes every record of a partition below the offset, as retention does. */
export async function deleteRecordsBelow(topic: string, partition: number, offset: number): Promise<void> {
  await withAdmin(async (admin) => {
    // This client deletes only where it has metadata already.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
  });
}

export async function changeTopic(topic: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  await withAdmin((admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    }),
  );
}

/** Sets what the broker remembers of a group without members, as an operator's tool or a fallen client does. */
export async function setGroupOffset(
  groupId: string,
  topic: string,
  partitions: readonly number[],
  offset: number,
): Promise<void> {
  await withAdmin((admin) =>
    admin.setOffsets({
      groupId,
      topic,
      partitions: partitions.map((partition) => ({ partition, offset: String(offset) })),
    }),
  );
}

export async function groupOffsets(groupId: string, topic: string): Promise<Map<number, number>> {
  return withAdmin(async (admin) => {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return new Map((found?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]));
  });
}

/** A member that wants the partitions shared out in a way that nobody else knows: whoever comes after it is refused. */
export async function strangeMember(groupId: string, topic: string): Promise<{ stop(): Promise<void> }> {
  const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
  const userData = Buffer.alloc(0);
  const consumer = foreignKafka().consumer({
    groupId,
    partitionAssigners: [
      () => ({
        name: 'strange',
        version: 1,
        protocol: ({ topics }) => ({
          name: 'strange',
          metadata: MemberMetadata.encode({ version: 1, topics, userData }),
        }),
        assign: ({ members }) =>
          Promise.resolve(
            members.map(({ memberId }) => ({
              memberId,
              memberAssignment: MemberAssignment.encode({
                version: 1,
                assignment: { [topic]: [0] },
                userData,
              }),
            })),
          ),
      }),
    ],
  });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  await consumer.run({ eachBatch: () => Promise.resolve() });
  await joined;
  return { stop: () => consumer.disconnect() };
}

export async function groupIds(): Promise<string[]> {
  return withAdmin(async (admin) => (await admin.listGroups()).groups.map(({ groupId }) => groupId));
}
