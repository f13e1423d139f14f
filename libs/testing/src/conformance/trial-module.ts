import { Controller, Global, Module, type DynamicModule } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { ChunkContext, ConsumeChunks, type Chunk, type OutgoingEvent } from '@kizuna/messaging';
import { AUTHENTICATION, loggingModule, RoomModule, type Room, type RoomConfig } from '@kizuna/service';
import { recordEffects, ROOM, trialMade, type TrialEvent } from './trial.js';

@Controller()
class TrialConsumer {
  @ConsumeChunks('purchase-events', { group: ROOM, events: [trialMade], inbox: true })
  async record(@Payload() chunk: Chunk<TrialEvent>, @Ctx() { tx }: ChunkContext): Promise<OutgoingEvent[]> {
    const notes = new Set(chunk.events.map(({ data }) => data.note));
    if (notes.has('not now')) throw Object.assign(new Error('something is away'), { code: '40001' });
    // Long enough for a signal to come in the middle of it.
    await tx.query('SELECT pg_sleep($1)', [notes.has('long') ? 4 : 0.1]);
    return recordEffects(chunk, tx, ROOM);
  }
}

@Global()
@Module({})
class TrialModule {
  static forRoot(config: RoomConfig): DynamicModule {
    return {
      module: TrialModule,
      imports: [loggingModule(config), RoomModule.forRoot({ config })],
      controllers: [TrialConsumer],
      providers: [{ provide: AUTHENTICATION, useValue: { authenticate: () => Promise.resolve(undefined) } }],
      exports: [AUTHENTICATION],
    };
  }
}

/** The room under trial as a whole. */
export const trialRoom: Room<RoomConfig> = {
  name: ROOM,
  config: (common) => common,
  module: (config) => TrialModule.forRoot(config),
};
