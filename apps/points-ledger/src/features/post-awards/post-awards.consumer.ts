import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { awardClawedBack, awardGranted } from '@kizuna/contracts';
import {
  ChunkContext,
  ConsumeChunks,
  type Chunk,
  type OutgoingEvent,
  type ReceivedOf,
} from '@kizuna/messaging';
import { postChunk } from '../../domain/post-chunk.js';
import { LedgerRepository } from '../../storage/ledger.repository.js';
import { TransferPartitions } from '../../storage/transfer-partitions.js';
import { writePostings } from '../../storage/write-postings.js';
import { transferNews } from '../../wire/transfer-news.js';
import { postingOf } from './posting.js';

type Event = ReceivedOf<typeof awardGranted> | ReceivedOf<typeof awardClawedBack>;

/** Awards and clawbacks become transfers. No inbox: the ledger knows its own transfer ids and cumulative totals. */
@Controller()
export class PostAwardsConsumer {
  constructor(
    private readonly ledger: LedgerRepository,
    private readonly partitions: TransferPartitions,
  ) {}

  @ConsumeChunks('award-events', { group: 'points-ledger', events: [awardGranted, awardClawedBack] })
  async post(@Payload() chunk: Chunk<Event>, @Ctx() { tx }: ChunkContext): Promise<OutgoingEvent[]> {
    await this.partitions.ensure(chunk.events.map(({ occurredAt }) => occurredAt));
    const postings = chunk.events.map(postingOf);
    const state = await this.ledger.lock(tx, postings);
    const posted = postChunk(postings, state);
    // What was due before a clawback belongs to months of its own.
    const settled = posted.transfers.filter(({ kind }) => kind !== 'award' && kind !== 'clawback');
    await this.partitions.ensure(settled.map(({ effectiveAt }) => effectiveAt));
    await writePostings(tx, chunk.lane, posted);
    return posted.transfers.map(transferNews);
  }
}
