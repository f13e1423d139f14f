// The room under trial as a whole process, started as every room is. Never imported.
import { Controller, Global, Module, type DynamicModule } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { ChunkContext, ConsumeChunks, type Chunk, type OutgoingEvent } from '@kizuna/messaging';
import { AUTHENTICATION, loggingModule, main, RoomModule, type RoomConfig } from '@kizuna/service';
import { recordEffects, ROOM, trialMade, type TrialEvent } from './trial.js';

@Controller()
class TrialConsumer {
  @ConsumeChunks('purchase-events', { group: ROOM, events: [trialMade], inbox: true })
  async record(@Payload() chunk: Chunk<TrialEvent>, @Ctx() { tx }: ChunkContext): Promise<OutgoingEvent[]> {
    // Long enough for a signal to come in the middle of it.
    await tx.query('SELECT pg_sleep(0.1)');
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

await main({
  name: ROOM,
  config: (common) => common,
  module: (config: RoomConfig) => TrialModule.forRoot(config),
});
