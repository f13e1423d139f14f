import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Global, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { ConsumeChunks, type Chunk } from '@kizuna/messaging';
import { AUTHENTICATION, loggingModule, RoomModule, type Room, type RoomConfig } from '@kizuna/service';
import { eventually } from '../eventually.js';
import { startRoom } from '../rooms.js';
import { Stage } from './fixture.js';
import { memberIn, ROOM, trial, trialMade, type TrialEvent } from './trial.js';

const told: string[] = [];

@Injectable()
class SlowlyReady implements OnModuleInit {
  async onModuleInit(): Promise<void> {
    told.push('initialising');
    await sleep(1_000);
    told.push('initialised');
  }
}

@Controller()
class Listener {
  @ConsumeChunks('purchase-events', { group: ROOM, events: [trialMade], inbox: true })
  handle(@Payload() { events }: Chunk<TrialEvent>): Promise<[]> {
    told.push(`${events.length} handled`);
    return Promise.resolve([]);
  }
}

@Global()
@Module({})
class ListeningModule {}

const room: Room<RoomConfig> = {
  name: ROOM,
  config: (common) => common,
  module: (config) => ({
    module: ListeningModule,
    imports: [loggingModule(config), RoomModule.forRoot({ config })],
    controllers: [Listener],
    providers: [
      SlowlyReady,
      { provide: AUTHENTICATION, useValue: { authenticate: () => Promise.resolve(undefined) } },
    ],
    exports: [AUTHENTICATION],
  }),
};

describe('a room that begins', () => {
  it('handles nothing before its parts are initialised, each once, and listens on this machine only', async () => {
    const stage = await Stage.create();
    await stage.produce([trial(memberIn(1), 1)]);
    const running = await startRoom(room, { migrations: [], topics: stage.topics, shared: stage.urls });
    await eventually(() => expect(told).toEqual(['initialising', 'initialised', '1 handled']));
    // Nobody has named a host.
    for (const url of [running.url, running.internalUrl]) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await running.stop();
    await stage.close();
  });
});
