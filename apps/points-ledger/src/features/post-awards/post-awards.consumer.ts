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
import { postingOf } from './posting.js';
import { transferNews } from './transfer-news.js';

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
    await writePostings(tx, chunk.lane, posted);
    return posted.transfers.map(transferNews);
  }
}
