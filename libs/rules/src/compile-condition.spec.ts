import { instant } from '@kizuna/kernel';
import { compileCondition, usesMemberHistory } from './compile-condition.js';
import { timeFacts, type EngagementContext, type PurchaseContext, type TriggerKind } from './context.js';
import { LIMITS } from './limits.js';

const purchase: PurchaseContext = {
  order: {
    currency: 'JPY',
    channel: 'web',
    store_id: '',
    payment_method: 'card',
    total_minor: 5_480n,
    eligible_minor: 5_000n,
    discount_minor: 500n,
    shipping_minor: 600n,
    paid_with_points_minor: 0n,
    quantity: 3n,
    skus: ['tea-1', 'cup-2'],
    categories: ['tea', 'ware'],
    brands: [],
    coupon_codes: ['SPRING'],
    attributes: { score: 5, n: 0, two: 2, weight: 2.5, vip: true, note: 'gift', when: '12' },
  },
  member: { orders: 0n, is_first_purchase: true },
  // 2027-04-30T15:30Z is half past midnight of Saturday, 1 May, in Tokyo.
  time: timeFacts(instant('2027-04-30T15:30:00Z'), 'Asia/Tokyo'),
};

const engagement: EngagementContext = {
  engagement: { activity: 'review', attributes: { stars: 4 } },
  member: { orders: 3n, is_first_purchase: false },
  time: purchase.time,
};

function answer(expression: string, context: PurchaseContext | EngagementContext = purchase): unknown {
  const decision = compileCondition(expression, 'order' in context ? 'purchase' : 'engagement');
  return decision.accepted ? decision.value.evaluate(context) : decision.rejection.detail;
}

function detailOf(expression: string, trigger: TriggerKind = 'purchase'): string {
  const decision = compileCondition(expression, trigger);
  return decision.accepted ? 'accepted' : decision.rejection.detail;
}

describe('a condition', () => {
  it.each([
    ['order.total_minor >= 5000', true],
    ['order.eligible_minor > 5000', false],
    ['order.discount_minor + order.paid_with_points_minor < order.total_minor / 10', true],
    ['order.channel == "web" && order.store_id == ""', true],
    ['order.payment_method in ["card", "wallet"]', true],
    ['order.quantity % 2 == 1', true],
    ['order.skus.exists(sku, sku.startsWith("tea"))', true],
    ['order.skus.all(sku, sku.endsWith("2"))', false],
    ['order.categories.exists_one(c, c == "tea")', true],
    ['order.categories.filter(c, c != "tea").size() == 1', true],
    ['"SPRING" in order.coupon_codes', true],
    ['size(order.brands) == 0', true],
    ['order.channel.upperAscii() == "WEB"', true],
    ['order.attributes.vip == true', true],
    ['order.attributes.weight > 2', true],
    ['order.attributes["score"] >= 5', true],
    ['double(order.attributes.score) * 2.0 > 9.5', true],
    ['int(order.attributes.when) == 12', true],
    ['has(order.attributes.colour) && order.attributes.colour == "red"', false],
    ['"note" in order.attributes', true],
    ['member.is_first_purchase', true],
    ['member.orders + 1 == 1', true],
    ['time.weekday in [6, 7] && time.month == 5 && time.day == 1 && time.hour == 0', true],
    ['time.year == 2027', true],
    ['order.currency == "JPY" ? order.total_minor > 5000 : order.total_minor > 50', true],
    ['order.attributes.colour == "red" || order.channel == "web"', true],
    ['!(order.channel == "web")', false],
    ['order.channel == "web" // the shop online', true],
  ])('about a purchase is answered: %s', (expression, expected) => {
    expect(answer(expression)).toBe(expected);
  });

  it.each([
    ['engagement.activity == "review"', true],
    ['engagement.attributes.stars >= 4 && member.orders > 0', true],
    ['engagement.attributes.stars == 5', false],
    ['time.weekday == 6', true],
  ])('about an engagement is answered: %s', (expression, expected) => {
    expect(answer(expression, engagement)).toBe(expected);
  });

  it.each([
    ['E20: a division by zero', 'order.attributes.score / order.attributes.n > 2'],
    ['a remainder of zero', 'order.total_minor % order.attributes.n == 0'],
    ['a difference that is zero', 'order.total_minor / (time.hour - time.hour) > 0'],
    ['an overflow', 'order.total_minor * 9223372036854775807 > 0'],
    ['an attribute that is missing', 'order.attributes.colour == "red"'],
    ['values that do not compare', 'order.attributes.note > 2'],
    ['a whole number where a fraction is meant', 'order.attributes.score * 2.0 > 1.0'],
    ['a text that is no number', 'int(order.attributes.note) > 1'],
    ['an element that is not there', 'order.skus[2] == "x"'],
    ['an attribute used as a condition', '!order.attributes.note'],
  ])('fails, and does not throw: %s', (_, expression) => {
    expect(answer(expression)).toBe('failed');
  });

  it('that reads the history fails where it was not loaded', () => {
    const { order, time } = purchase;
    expect(answer('member.orders == 0', { order, time })).toBe('failed');
    expect(answer('order.quantity == 3', { order, time })).toBe(true);
  });

  it('answers the same however often it is asked, in whatever order', () => {
    const decision = compileCondition('order.skus.exists(s, s == "cup-2") && member.orders < 2', 'purchase');
    const other: PurchaseContext = { ...purchase, order: { ...purchase.order, skus: [] } };
    const answers = [purchase, other, purchase, other].map((context) =>
      decision.accepted ? decision.value.evaluate(context) : 'refused',
    );
    expect(answers).toEqual([true, false, true, false]);
  });
});

describe('a condition is refused with what is wrong and where', () => {
  it.each([
    ['', 'the condition is empty'],
    ['order.total_minor >', 'unexpected token: EOF; at its end'],
    ['order.channel == "web', 'unterminated string; at character 18: "web'],
    ['foo == 1', 'foo is not known: a rule of purchases reads order, member, time; at character 1: foo'],
    [
      'true && engagement.activity == "x"',
      'engagement is not there: a rule of purchases reads order, member, time; at character 9: engagement',
    ],
    ['member.tier == "gold"', 'member has no tier: it has orders, is_first_purchase; at character 8: tier'],
    [
      'has(time.minute)',
      'time has no minute: it has year, month, day, weekday, hour; at character 1: has(time.minute)',
    ],
    ['order.total_minor > "x"', 'int > string is not possible; at character 1: order.total_minor > "x"'],
    [
      'order.total_minor * 1.5 > 10.0',
      'int * double is not possible: 3 is a whole number, 3.0 a fraction, and double(…) makes one of the other; at character 1: order.total_minor * 1.5',
    ],
    ['order.total_minor', 'the condition gives a value of type int, and must give true or false'],
    [
      'order.attributes.vip',
      'the condition gives anything, and must give true or false: compare an attribute, as in order.attributes.vip == true',
    ],
    [
      'sum(order.skus) > 1',
      'sum() is not known; there are size, has, int, double, string; at character 1: sum(order.skus)',
    ],
    [
      'order.channel.matches("^(a+)+$")',
      'matches() is refused, a regular expression can take for ever: use contains, startsWith or endsWith; at character 1: order.channel.matches("^(a+)+$")',
    ],
    ['order.total_minor / 0 > 1', 'this divides by zero; at character 1: order.total_minor / 0'],
    [
      'double(order.attributes.a) / double(order.attributes.b) > 1.0',
      'only a whole number, an attribute or a written number can divide: say a > 2.0 * b for a / b > 2.0; at character 1: double(order.attributes.a) / double(order.attributes.b)',
    ],
    [
      'order["channel"] == "web"',
      'write the field after a dot: order.name; at character 1: order["channel"]',
    ],
    ['{"a": 1}.size() > 0', 'a map cannot be written here; at character 2: "'],
    ['b"a" == b"a"', 'bytes cannot be written here; at character 1: b"a"'],
    ['order.skus + order.brands == []', 'lists cannot be added; at character 1: order.skus + order.brands'],
  ])('%s', (expression, detail) => {
    expect(detailOf(expression)).toBe(detail);
  });

  it('with the names that an engagement rule reads', () => {
    expect(detailOf('order.quantity > 1', 'engagement')).toBe(
      'order is not there: a rule of engagements reads engagement, member, time; at character 1: order',
    );
  });
});

describe('what could hold up a lane or reach beyond the context is refused', () => {
  const nested = 'order.skus.exists(a, order.skus.exists(b, a == b))';
  it.each([
    ['1 MB', 'x'.repeat(1_000_000), `longer than ${LIMITS.characters} characters`],
    ['1,000 parentheses', `${'('.repeat(1_000)}true${')'.repeat(1_000)}`, 'nested deeper'],
    ['1,000 brackets', '['.repeat(1_000), 'nested deeper'],
    ['1,000 negations', `${'!'.repeat(1_000)}true`, 'words and signs'],
    ['1,000 minus signs', `${'-'.repeat(1_000)}1 == 1`, 'words and signs'],
    ['a long chain', `true${' || true'.repeat(400)}`, 'words and signs'],
    ['many fields', `order${'.a'.repeat(200)} == 1`, 'nested deeper'],
    ['a long list', `1 in [${Array.from({ length: 300 }, (_, i) => i).join(',')}]`, 'more than 200 elements'],
    ['a loop in a loop', nested, 'cannot stand inside another loop'],
    [
      'a loop in the list of a loop in a loop',
      `order.skus.all(a, [a].filter(b, b == a).size() > 0)`,
      'another loop',
    ],
    ['a list in a loop', 'order.skus.all(a, a in order.categories)', 'cannot read another'],
    ['a loop over added lists', '(order.skus + order.skus).all(a, a == "")', 'looks at a list'],
    ['a loop over attributes', 'order.attributes.all(a, a == "")', 'looks at a list'],
    ['an element that hides the order', 'order.skus.all(order, order == "")', 'is a name of the context'],
    ['growing lists', 'order.skus.map(s, s + s).map(s, s + s).size() > 1', 'map() is not known'],
    ['growing texts', 'cel.bind(a, "xx", a + a == "xxxx")', 'bind() is not known'],
    ['a regular expression', 'order.channel.matches("(a+)+b")', 'matches() is refused'],
    [
      'the constants of the language',
      'google.protobuf.Timestamp == google.protobuf.Timestamp',
      'is not known',
    ],
    ['types', 'type(order) == type(time)', 'type() is not known'],
    ['the prototype of a variable', 'order.__proto__ == order.__proto__', 'has no __proto__'],
    ['a constructor', 'order.constructor == order.constructor', 'has no constructor'],
    ['a prototype as a name', '__proto__ == 1', 'reserved identifier'],
    ['a constructor as a name', 'constructor == 1', 'is not known'],
    ['NUL', '\u0000', ''],
  ])('%s', (_, expression, detail) => {
    const before = Object.keys(Object.prototype);
    expect(detailOf(expression)).not.toBe('accepted');
    expect(detailOf(expression)).toContain(detail);
    expect(Object.keys(Object.prototype)).toEqual(before);
  });

  it.each(['order.attributes.__proto__ == "x"', 'order.attributes["constructor"] == "x"'])(
    'an attribute that nobody gave is missing, whatever its name: %s',
    (expression) => {
      expect(answer(expression)).toBe('failed');
    },
  );

  it('a condition as large as is allowed is done with 2,000 lines in under a second', () => {
    const skus = Array.from({ length: 2_000 }, (_, i) => `${'x'.repeat(90)}${i}`);
    const condition = `order.skus.all(s, ${Array.from({ length: 120 }, (_, i) => `s != "${i}"`).join(' && ')})`;
    const startedAt = performance.now();
    expect(answer(condition, { ...purchase, order: { ...purchase.order, skus } })).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('history of the member', () => {
  it.each([
    ['member.orders == 0', true],
    ['order.total_minor > 1 && (true || member.is_first_purchase)', true],
    ['order.skus.exists(s, s == "member.orders")', false],
    ['order.quantity > 1', false],
    ['engagement.activity == "review" && member.orders > 2', true],
    ['member.(', false],
  ])('is needed by what reads it: %s → %s', (expression, expected) => {
    expect(usesMemberHistory(expression)).toBe(expected);
  });
});

describe('time', () => {
  it.each([
    ['2027-04-30T15:30:00Z', 'Asia/Tokyo', { year: 2027n, month: 5n, day: 1n, weekday: 6n, hour: 0n }],
    ['2027-03-28T00:30:00Z', 'Europe/London', { year: 2027n, month: 3n, day: 28n, weekday: 7n, hour: 0n }],
    ['2027-03-28T01:30:00Z', 'Europe/London', { year: 2027n, month: 3n, day: 28n, weekday: 7n, hour: 2n }],
    [
      '2027-12-31T23:00:00Z',
      'America/New_York',
      { year: 2027n, month: 12n, day: 31n, weekday: 5n, hour: 18n },
    ],
  ])('is read in the zone of the program: %s in %s', (at, zone, expected) => {
    expect(timeFacts(instant(at), zone)).toEqual(expected);
  });
});
