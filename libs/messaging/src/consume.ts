import { applyDecorators, Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { EventContract, Topic } from '@kizuna/contracts';
import { throwError, type Observable } from 'rxjs';

export const KAFKA_CHUNKS = Symbol('kafka-chunks');

export interface ConsumeOptions {
  /** Consumer group: the name of the room. */
  readonly group: string;
  /** The event types that this room reads from the topic; others are skipped. */
  readonly events: readonly EventContract[];
  /**
   * Drop repetitions by event id before the handler sees them. A room that recognises them by its own keys (the ledger
   * by its transfer ids) goes without.
   */
  readonly inbox?: boolean;
}

/** Nest answers a handler's error with "Internal server error"; the strategy needs the error itself. */
@Catch()
class RethrowFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Marks the one method of a room that handles a topic. It gets chunks, `(chunk: Chunk, context: ChunkContext)`, and
 * returns the events to publish; all of its effects go through `context.tx`.
 */
export function ConsumeChunks(topic: Topic, options: ConsumeOptions): MethodDecorator {
  return applyDecorators(
    EventPattern(topic, KAFKA_CHUNKS, { ...options }) as MethodDecorator,
    UseFilters(new RethrowFilter()),
  );
}
