import { decidedOutOfOrder, gapsInSequence, outOfOrder, unequal } from './topic-checks.js';
import type { TopicEvent } from './topic-reader.js';

const event = (id: string, sequence: number, more: Partial<TopicEvent> = {}): TopicEvent => ({
  key: 'p:ann',
  id,
  type: 'kizuna.award.granted.v1',
  sequence,
  businessRef: undefined,
  kind: undefined,
  ...more,
});

const committed = (...ids: readonly string[]) => ids.map((id) => ({ topic: 'award-events', id }));

describe('what the drill sees in a topic', () => {
  it('is nothing to complain about when the relay repeats a batch', () => {
    const content = [event('a', 1), event('b', 2), event('a', 1), event('b', 2), event('c', 3)];
    expect(outOfOrder('award-events', content)).toEqual([]);
    expect(gapsInSequence('award-events', content, new Map([['p:ann', 3]]))).toEqual([]);
    expect(unequal('award-events', content, committed('a', 'b', 'c'))).toEqual([]);
  });

  it('is an event that was lost, or one that was never committed', () => {
    expect(unequal('award-events', [event('a', 1), event('x', 2)], committed('a', 'b'))).toEqual([
      'award-events: b is committed, but not in the topic',
      'award-events: x is in the topic, but was never committed',
    ]);
  });

  it('is an event behind a later one of its key; other keys do not matter', () => {
    const content = [event('b', 2), event('o', 1, { key: 'p:bob' }), event('a', 1)];
    expect(outOfOrder('award-events', content)).toEqual(['award-events, p:ann: a is number 1, behind 2']);
  });

  it('is a number that is missing, was given twice, or never came', () => {
    const given = new Map([['p:ann', 3]]);
    const wrong = [[event('a', 1), event('c', 3)], [event('a', 1), event('b', 2), event('c', 2)], []];
    for (const content of wrong) expect(gapsInSequence('award-events', content, given)).toHaveLength(1);
  });

  it('is an order that was decided before one that was acknowledged earlier', () => {
    const purchase = (order_id: string) => ({
      type: 'kizuna.purchase.completed.v1',
      data: { order_id, member_id: 'ann' },
    });
    const requests = [
      {
        path: '/v1/events',
        body: [purchase('o1'), purchase('o2'), purchase('o1')],
        status: 202,
        answer: { results: [{ status: 202 }, { status: 202 }, { status: 202 }] },
      },
    ];
    const granted = (...orders: readonly string[]) =>
      orders.map((businessRef, index) => event(businessRef, index + 1, { businessRef }));
    expect(decidedOutOfOrder(granted('o1', 'o2'), requests, 'p')).toEqual([]);
    expect(decidedOutOfOrder(granted('o1', 'o1', 'o2'), requests, 'p')).toEqual([]);
    expect(decidedOutOfOrder(granted('o2', 'o1'), requests, 'p')).toEqual([
      'p:ann: award 1 is for o2, should be o1',
    ]);
  });
});
