import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { BatchingProducer, withPrefix, type KafkaClient } from '@kizuna/messaging';
import { KAFKA_CLIENT, Problem, ROOM_CONFIG, type RoomConfig } from '@kizuna/service';
import type { IntakeEvent } from './intake-event.js';

/**
 * Intake writes to the broker without an outbox: its 202 means "Kafka has it". It needs none, because there is no other
 * effect to keep in step with, and a repetition after an unclear answer is the same event.
 */
@Injectable()
export class IntakeProducer implements BeforeApplicationShutdown {
  private readonly logger = new Logger('intake');
  private readonly producer: BatchingProducer;

  constructor(@Inject(KAFKA_CLIENT) client: KafkaClient, @Inject(ROOM_CONFIG) { topicPrefix }: RoomConfig) {
    this.producer = new BatchingProducer(client.producer(), withPrefix(topicPrefix));
  }

  /**
   * Resolves when all replicas that are in sync have every event.
   *
   * @throws Problem 503 `broker_unavailable`: nothing is known about the events, sending them again is safe
   */
  async publish(events: readonly IntakeEvent[]): Promise<void> {
    try {
      await this.producer.send(events.map(({ message }) => message));
    } catch (error) {
      this.logger.error({ err: error, events: events.length }, 'the broker did not acknowledge');
      throw new Problem(503, 'broker_unavailable', {
        detail: 'the event could not be stored; send it again',
        retryAfter: 2,
      });
    }
  }

  /** The door is closed and drained by now; the connection goes after the last acknowledgement. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.producer.stop();
  }
}
