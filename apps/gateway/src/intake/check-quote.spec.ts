import { instant } from '@kizuna/kernel';
import { aLine, aPurchase } from '../testing/fixtures.js';
import { checkQuote } from './check-quote.js';
import { preparePurchase } from './prepare-purchase.js';

const startsAt = instant('2026-01-01T00:00:00Z');
const intaker = {
  programId: 'shop',
  startsAt,
  now: instant('2026-03-02T00:00:00Z'),
  correlationId: 'test',
};

function quote(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { order_id: _, ...cart } = aPurchase(fields);
  return cart;
}

describe('a quote at the door', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a cart', {}],
    ['without a date', { occurred_at: undefined }],
    ['of a guest', { member_id: null }],
    ['of a day to come', { occurred_at: '2026-12-24T18:00:00+09:00' }],
  ])('passes: %s', (_, fields) => {
    expect(checkQuote(quote(fields), intaker)).toMatchObject({ accepted: true });
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['two lines of one id', { lines: [aLine(), aLine()] }, 'invalid_request', '/lines/1/line_id'],
    [
      'a line below nothing',
      { lines: [aLine({ discount_minor: 11_001 })] },
      'invalid_request',
      '/lines/0/discount_minor',
    ],
    ['an order below nothing', { discount_minor: 11_001 }, 'invalid_request', '/discount_minor'],
    [
      'more paid than it costs',
      { paid_with_points_minor: 11_001 },
      'invalid_request',
      '/paid_with_points_minor',
    ],
    ['more tax than goods', { tax_minor: 11_001 }, 'invalid_request', '/tax_minor'],
    ['no lines', { lines: [] }, 'invalid_request', '/lines'],
    ['an unknown property', { gift: true }, 'invalid_request', '/gift'],
    ['before the start', { occurred_at: '2025-12-31T23:59:59Z' }, 'occurred_before_start', '/occurred_at'],
  ])('is refused as the purchase is: %s', (_, fields, code, pointer) => {
    const refused = checkQuote(quote(fields), intaker);
    expect(refused).toMatchObject({ accepted: false, rejection: { code, faults: [{ pointer }] } });
    expect(preparePurchase(aPurchase(fields), intaker)).toEqual(refused);
  });

  it('without a date asks about now, which may lie before the start', () => {
    const early = { ...intaker, now: instant('2025-12-31T00:00:00Z') };
    expect(checkQuote(quote({ occurred_at: undefined }), early)).toMatchObject({
      rejection: { code: 'occurred_before_start' },
    });
  });
});
