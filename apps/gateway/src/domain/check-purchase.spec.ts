import { checkPurchase, type PurchaseFigures } from './check-purchase.js';

const MAX = Number.MAX_SAFE_INTEGER;

function line(figures: Partial<PurchaseFigures['lines'][number]> = {}): PurchaseFigures['lines'][number] {
  return { line_id: '1', quantity: 2, unit_price_minor: 500, discount_minor: 0, ...figures };
}

/** Two pieces at 500, nothing else. */
function aPurchase(figures: Partial<PurchaseFigures> = {}): PurchaseFigures {
  return {
    lines: [line()],
    prices_include_tax: true,
    discount_minor: 0,
    tax_minor: 0,
    shipping_minor: 0,
    paid_with_points_minor: 0,
    ...figures,
  };
}

describe('the figures of a purchase', () => {
  it.each<[string, PurchaseFigures]>([
    ['plain', aPurchase()],
    ['a line that is free', aPurchase({ lines: [line({ unit_price_minor: 0 })] })],
    ['a line discounted to nothing', aPurchase({ lines: [line({ discount_minor: 1_000 })] })],
    ['an order discounted to nothing', aPurchase({ discount_minor: 1_000 })],
    ['all paid with points, shipping too', aPurchase({ shipping_minor: 300, paid_with_points_minor: 1_300 })],
    [
      'tax on top paid with points',
      aPurchase({ prices_include_tax: false, tax_minor: 100, paid_with_points_minor: 1_100 }),
    ],
    ['line taxes that add up to the tax', aPurchase({ lines: [line({ tax_minor: 90 })], tax_minor: 90 })],
    [
      'tax of shipping besides',
      aPurchase({ lines: [line({ tax_minor: 90 })], tax_minor: 120, shipping_minor: 330 }),
    ],
    ['the largest integer', aPurchase({ lines: [line({ quantity: 1, unit_price_minor: MAX })] })],
    [
      'tax above the goods where prices exclude it',
      aPurchase({ prices_include_tax: false, tax_minor: 5_000 }),
    ],
  ])('fit: %s', (_, purchase) => {
    expect(checkPurchase(purchase)).toEqual([]);
  });

  it.each<[string, PurchaseFigures, string[]]>([
    ['a line id twice', aPurchase({ lines: [line(), line()] }), ['/lines/1/line_id']],
    [
      'quantity × price too large',
      aPurchase({ lines: [line({ unit_price_minor: MAX })] }),
      ['/lines/0/unit_price_minor'],
    ],
    [
      'a sum of lines too large',
      aPurchase({
        lines: [
          line({ quantity: 1, unit_price_minor: MAX }),
          line({ line_id: '2', quantity: 1, unit_price_minor: 1 }),
        ],
      }),
      ['/lines'],
    ],
    [
      'an order too large by its shipping',
      aPurchase({ lines: [line({ quantity: 1, unit_price_minor: MAX })], shipping_minor: 1 }),
      ['/shipping_minor'],
    ],
    [
      'a line discount above the line',
      aPurchase({ lines: [line({ discount_minor: 1_001 })] }),
      ['/lines/0/discount_minor'],
    ],
    ['an order discount above the lines', aPurchase({ discount_minor: 1_001 }), ['/discount_minor']],
    [
      'an order discount above what line discounts leave',
      aPurchase({ lines: [line({ discount_minor: 1 })], discount_minor: 1_000 }),
      ['/discount_minor'],
    ],
    [
      'more points than the order costs',
      aPurchase({ paid_with_points_minor: 1_001 }),
      ['/paid_with_points_minor'],
    ],
    [
      'points for a tax that is included already',
      aPurchase({ tax_minor: 90, paid_with_points_minor: 1_001 }),
      ['/paid_with_points_minor'],
    ],
    [
      'line taxes above the tax',
      aPurchase({ lines: [line({ tax_minor: 91 })], tax_minor: 90 }),
      ['/tax_minor'],
    ],
    ['included tax above the prices', aPurchase({ tax_minor: 1_001 }), ['/tax_minor']],
    [
      'two lines wrong, the order not judged',
      aPurchase({
        lines: [line({ discount_minor: 1_001 }), line({ line_id: '2', discount_minor: 1_001 })],
        discount_minor: 9_999,
      }),
      ['/lines/0/discount_minor', '/lines/1/discount_minor'],
    ],
  ])('do not fit: %s', (_, purchase, pointers) => {
    expect(checkPurchase(purchase).map(({ pointer }) => pointer)).toEqual(pointers);
  });
});
