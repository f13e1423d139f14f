import type { SentRequest } from '../reconcile/calculation.js';
import { inDecidedOrder, sentCounts } from './sent.js';

const redemption = (
  id: string,
  units: number,
  status: number,
  answer: object,
  parallel = 'x',
): SentRequest => ({
  path: '/v1/redemptions',
  body: { redemption_id: id, member_id: 'ann', wallet: 'points', units },
  status,
  answer,
  parallel,
});

const accepted = (id: string, units: number, available: number): SentRequest =>
  redemption(id, units, 201, { units, after: { available } });
const refused = (id: string, units: number, available: number): SentRequest =>
  redemption(id, units, 422, { code: 'insufficient_points', available, required: units });

describe('what the drill has sent', () => {
  it('puts redemptions that competed in the order that their answers tell', () => {
    const answered = [
      accepted('c', 30, 10),
      refused('b', 90, 40),
      accepted('a', 60, 40),
      refused('d', 11, 10),
    ];
    const order = inDecidedOrder([...answered, { ...accepted('later', 10, 500), parallel: 'y' }]);
    expect(order.map(({ body }) => (body as { redemption_id: string }).redemption_id)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'later',
    ]);
    expect(order.every(({ parallel }) => parallel === undefined)).toBe(true);
  });

  it('counts an engagement that was taken in, and a redemption once, however often it was asked', () => {
    const events = ['a', 'b'].map((id) => ({ type: 'kizuna.engagement.recorded.v1', data: { id } }));
    const batch = {
      path: '/v1/events',
      body: events,
      status: 207,
      answer: { results: [{ status: 202 }, { status: 400 }] },
    };
    const requests = [batch, accepted('a', 1, 5), accepted('a', 1, 5), refused('b', 9, 5)];
    expect(sentCounts(requests)).toEqual({
      engagements: 1,
      redemptions: 2,
      redemptionsRefused: 1,
      redemptionsRepeated: 1,
    });
  });
});
