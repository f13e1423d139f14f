import { FAILED } from './expression-values.js';
import { expressionOf } from './expression.js';

const SCOPE = {
  order: {
    currency: 'JPY',
    total_minor: 5480n,
    skus: ['matcha', 'cups'],
    coupon_codes: [],
    attributes: { n: 0n, score: 9n, half: 0.5, gift: true, note: "for Ann's" },
  },
  member: { orders: 2n, is_first_purchase: false },
  time: { weekday: 6n, hour: 9n },
};
const evaluated = (text: string) => expressionOf(text)?.(SCOPE);

describe('conditions', () => {
  it.each<[string, unknown]>([
    ['member.is_first_purchase', false],
    ['!member.is_first_purchase && member.orders == 2', true],
    ['time.weekday in [6, 7]', true],
    ['time.weekday >= 6 || time.hour < 9', true],
    ["order.currency == 'JPY' && order.total_minor >= 5000", true],
    ["'matcha' in order.skus", true],
    ["order.skus.exists(sku, sku.startsWith('mat'))", true],
    ["order.skus.all(sku, sku.contains('a'))", false],
    ["order.skus.exists_one(sku, sku == 'cups')", true],
    ['size(order.skus) == 2 && order.coupon_codes.size() == 0', true],
    ['order.skus[1]', 'cups'],
    ["order.attributes['gift'] ? 'yes' : 'no'", 'yes'],
    ['has(order.attributes.note) && order.attributes.note.endsWith("Ann\'s")', true],
    ['has(order.attributes.other)', false],
    ['order.attributes.half < 1', true],
    ['order.attributes.half * 2.0 == 1', true],
    ['1 + 2 * 3 - 4 / 3 == 6', true],
    ['-7 / 2', -3n],
    ['-7 % 2', -1n],
    ['(1 + 2) * 3', 9n],
    ['1 == 1.0', true],
    ["1 == '1'", false],
    ['false ? 1 : true ? 2 : 3', 2n],
  ])('%s', (text, value) => {
    expect(evaluated(text)).toEqual(value);
  });

  it.each([
    'order.attributes.score / order.attributes.n > 2',
    'order.attributes.score % order.attributes.n == 0',
    'order.attributes.missing == 1',
    'order.attributes.missing == 1 && true',
    'order.attributes.missing == 1 || false',
    "'a' < 1",
    "1 + 'a'",
    'order.attributes.half + 1',
    '!1',
    '1 ? true : false',
    'order.skus[9]',
    '9223372036854775807 + 1 > 0',
    'nobody.knows',
  ])('fails at run time: %s', (text) => {
    expect(evaluated(text)).toBe(FAILED);
  });

  it.each([
    ['order.attributes.missing == 1 || true', true],
    ['false && order.attributes.missing == 1', false],
    ['order.attributes.missing == 1 && false', false],
    ["order.skus.exists(sku, sku == 'cups' || sku.size() / 0 == 1)", true],
  ])('needs not what fails: %s', (text, value) => {
    expect(evaluated(text)).toBe(value);
  });

  it.each([
    '',
    '1 +',
    'a b',
    'order.currency = 1',
    "'open",
    'unknown(1)',
    "x.matches('a')",
    '{a: 1}',
    '1 ~ 2',
  ])('is not understood: %s', (text) => {
    expect(expressionOf(text)).toBeUndefined();
  });
});
