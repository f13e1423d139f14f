import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { programSettingsChanged } from '@kizuna/contracts';
import { ChunkContext, ConsumeChunks, type Chunk, type ReceivedOf } from '@kizuna/messaging';
import { ProgramsRepository } from '../../storage/programs.repository.js';

type Event = ReceivedOf<typeof programSettingsChanged>;

/** Keeps this room's copy of every program's settings. */
@Controller()
export class FollowSettingsConsumer {
  constructor(private readonly programs: ProgramsRepository) {}

  @ConsumeChunks('program-settings', { group: 'points-ledger', events: [programSettingsChanged] })
  async follow(@Payload() chunk: Chunk<Event>, @Ctx() { tx }: ChunkContext): Promise<void> {
    await this.programs.saveSettings(
      tx,
      chunk.events.map(({ data }) => data),
    );
  }
}
