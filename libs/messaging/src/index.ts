export * from './batching-producer.js';
export { ChunkContext, type Chunk } from './chunk.js';
export * from './consume.js';
export type { ReceivedEvent, ReceivedOf } from './events.js';
export * from './kafka-chunks.strategy.js';
export * from './kafkajs/kafkajs-client.js';
export { SendDeadlineExceeded } from './kafkajs/producer.js';
export * from './lane.js';
export { LaneLost, lanePositions, type LaneProgress } from './lane-position.js';
export type { LaneFailure } from './lane-consumer.js';
export type { HandledChunk } from './topic-handler.js';
export type { TopicAlarm } from './lane-taking.js';
export * from './failures.js';
export { parkedCounts } from './parking.js';
export {
  appendToOutbox,
  EventTooLarge,
  outgoing,
  relayProgress,
  type OutgoingEvent,
  type RelayProgress,
} from './outbox.js';
export * from './port.js';
export * from './relay.js';
export * from './schema.js';
export * from './topics.js';
export * from './parked-events.js';
export { tidyPartitions, type LowWatermark } from './tidy.js';
export * from './lag.js';
