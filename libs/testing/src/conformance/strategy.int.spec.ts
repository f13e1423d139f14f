import 'reflect-metadata';
import {
  Controller,
  UseInterceptors,
  UsePipes,
  type CallHandler,
  type INestMicroservice,
  type NestInterceptor,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Transaction } from '@kizuna/database';
import { ChunkContext, ConsumeChunks, KAFKA_CHUNKS, type Chunk, type OutgoingEvent } from '@kizuna/messaging';
import { from, of, tap, type Observable } from 'rxjs';
import { eventually } from '../eventually.js';
import { Stage, strategyOf, type TrialConsumer } from './fixture.js';
import { groupIds } from './foreign-client.js';
import { aSeen, keyOf, memberIn, recordEffects, ROOM, trial, trialMade, type TrialEvent } from './trial.js';

const consumes = ConsumeChunks('purchase-events', { group: ROOM, events: [trialMade], inbox: true });
const passed: string[] = [];

class NotingPipe implements PipeTransform {
  transform(value: unknown): unknown {
    passed.push('pipe');
    return value;
  }
}

class NotingInterceptor implements NestInterceptor {
  intercept(_: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(tap(() => passed.push('interceptor')));
  }
}

/** Answers by the note of the first event: in each of the ways in which a handler may. */
@Controller()
class TrialController {
  static trouble: Error | undefined;

  @consumes
  @UsePipes(new NotingPipe())
  @UseInterceptors(new NotingInterceptor())
  handle(
    @Payload() chunk: Chunk<TrialEvent>,
    @Ctx() { tx }: ChunkContext,
  ): Promise<OutgoingEvent[]> | Observable<OutgoingEvent[]> | undefined {
    const trouble = TrialController.trouble;
    TrialController.trouble = undefined;
    if (trouble) throw trouble;
    const [first] = chunk.events;
    if (first?.data.note === 'observable') return from(recordEffects(chunk, tx, 'nest'));
    if (first?.data.note === 'values')
      return of([aSeen('early', first.key, 1)], [aSeen('late', first.key, 2)]);
    if (first?.data.note === 'nothing') return undefined;
    return recordEffects(chunk, tx, 'nest');
  }
}

/** The same as Nest has it: no filter of the method. */
@Controller()
class BareController {
  @EventPattern('purchase-events', KAFKA_CHUNKS, { group: ROOM, events: [trialMade], inbox: true })
  handle(): never {
    throw new Error('said by the handler');
  }
}

@Controller()
class SecondController {
  @consumes
  handle(): undefined {
    return undefined;
  }
}

function moduleOf(...controllers: Type[]): { module: Type; controllers: Type[] } {
  return { module: class TrialModule {}, controllers };
}

describe('the strategy under Nest', () => {
  let stage: Stage;
  let consumer: TrialConsumer;
  let app: INestMicroservice;

  beforeAll(async () => {
    stage = await Stage.create();
    consumer = strategyOf(stage);
    app = await NestFactory.createMicroservice(moduleOf(TrialController) as never, {
      strategy: consumer.strategy,
      logger: false,
    });
    await app.listen();
  });

  afterAll(async () => {
    await app.close();
    await consumer.stop();
    await stage.close();
  });

  it('hands chunks to the decorated method, through its pipes and interceptors', async () => {
    const member = memberIn(0);
    await stage.produce([trial(member, 1), trial(member, 2)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1, 2]));
    expect(passed.slice(0, 3)).toEqual(['pipe', 'pipe', 'interceptor']);
  });

  it('takes an Observable, the last of several values, or nothing for an answer', async () => {
    const relay = stage.relay();
    const [a, b, c] = [memberIn(1), memberIn(2), memberIn(3)];
    await stage.produce([trial(a, 1, 'observable')]);
    await stage.produce([trial(b, 1, 'values')]);
    await stage.produce([trial(c, 1, 'nothing')]);
    await eventually(async () => expect(await stage.position(3)).toMatchObject({ nextOffset: 1 }));
    await eventually(async () => {
      const published = (await stage.published())
        .map(({ id }) => id)
        .filter((id) => !id.includes(memberIn(0)));
      expect(published.sort()).toEqual(['seen:late', `seen:${a}-1`].sort());
    });
    await relay.stop();
  });

  it('gets the error of a handler itself, not a word about an internal server error', async () => {
    class StoreAway extends Error {
      override readonly name = 'StoreAway';
      readonly code = '40001';
    }
    const error = new StoreAway('for a moment');
    TrialController.trouble = error;
    const member = memberIn(4);
    await stage.produce([trial(member, 1)]);
    await eventually(async () => expect(await stage.numbersOf(member)).toEqual([1]));
    expect(consumer.failures).toHaveLength(1);
    expect(consumer.failures[0]?.error).toBe(error);
  });

  it('has that from the filter of the method: one for the whole microservice is ignored', async () => {
    const caught: unknown[] = [];
    const error = new Error('said by the handler');
    const toldBy = async (controller: Type): Promise<unknown> => {
      const { strategy, stop } = strategyOf(stage);
      const hybrid = await NestFactory.create(moduleOf(controller) as never, new FastifyAdapter(), {
        logger: false,
      });
      const microservice = hybrid.connectMicroservice({ strategy });
      microservice.useGlobalFilters({ catch: (refused: unknown) => caught.push(refused) });
      await hybrid.init();
      TrialController.trouble = error;
      const chunk = { topic: 'purchase-events', lane: 0, events: [] };
      const answer = strategy.handlerOf('purchase-events')?.handle(chunk, {} as Transaction);
      const told: unknown = await answer?.catch((refused: unknown) => refused);
      await hybrid.close();
      await stop();
      return told;
    };
    expect(await toldBy(TrialController)).toBe(error);
    expect(await toldBy(BareController)).toEqual({ status: 'error', message: 'Internal server error' });
    expect(caught).toEqual([]);
  });

  it('joins exactly the group that it was given', async () => {
    const own = (await groupIds()).filter((id) => id.startsWith(stage.topics.prefix));
    expect(own).toEqual([stage.topics.name(ROOM)]);
  });

  it('refuses two handlers of one topic when it boots', async () => {
    const second = strategyOf(stage);
    const boot = async (): Promise<void> => {
      const doubled = await NestFactory.createMicroservice(
        moduleOf(TrialController, SecondController) as never,
        { strategy: second.strategy, logger: false, abortOnError: false },
      );
      await doubled.listen();
    };
    await expect(boot()).rejects.toThrow(/two handlers for topic purchase-events in group conformance/);
    await second.stop();
  });

  it('refuses a plain event pattern, which would come without a group', async () => {
    const plain = strategyOf(stage);
    expect(() => plain.strategy.addHandler('purchase-events', (() => undefined) as never, false)).toThrow(
      /is consumed with @ConsumeChunks/,
    );
    await plain.stop();
  });

  it('says which topic is missing when it boots', async () => {
    await expect(stage.consume({ topic: 'points-events' })).rejects.toThrow(
      `topics are missing, run the migrations first: ${stage.topics.name('points-events')}`,
    );
  });

  it('keeps the key of an event as it was produced', async () => {
    const effects = await stage.effects();
    expect(new Set(effects.map(({ key }) => key))).toEqual(
      new Set([memberIn(0), memberIn(1), memberIn(4)].map(keyOf)),
    );
  });
});
