import { purchaseOf, type Basket } from './komorebi.js';

/** One thing that happens in the scene, at a time of Tokyo, and what it must bring. */
export interface SceneStep {
  readonly at: string;
  readonly told: string;
  readonly act:
    | { readonly kind: 'purchase'; readonly orderId: string; readonly body: unknown; readonly times: number }
    | { readonly kind: 'refund'; readonly orderId: string; readonly body: unknown }
    | { readonly kind: 'engagements'; readonly bodies: readonly { readonly id: string }[] }
    | { readonly kind: 'look' }
    | {
        readonly kind: 'redeem';
        readonly body: { readonly redemption_id: string } & Readonly<Record<string, unknown>>;
      };
  /** Units per rule that the step grants; of a refund, what it takes back. */
  readonly awards?: Readonly<Record<string, number>>;
  /** Available units of members afterwards. */
  readonly balances?: Readonly<Record<string, number>>;
}

export const REGULAR = 'regular';
export const FRIEND = 'friend';
export const STARTS_AT = '2027-04-01T00:00:00+09:00';

const tokyo = (day: string, time = '10:00'): string => `${day}T${time}:00+09:00`;

function buys(
  day: string,
  told: string,
  orderId: string,
  basket: Basket,
  awards: Readonly<Record<string, number>>,
  { member = REGULAR, times = 1 } = {},
): SceneStep {
  const at = tokyo(day);
  const body = purchaseOf({ order_id: orderId, member_id: member, occurred_at: at }, basket);
  return { at, told, act: { kind: 'purchase', orderId, body, times }, awards };
}

const FIRST_BASKET: Basket = { matcha: 1, cups: 1 };

/** A year of one regular and of a friend; the figures are those of the documented scene without tiers and referral. */
export const SCENE: readonly SceneStep[] = [
  buys('2027-04-02', 'the regular buys matcha and cups, ¥5,480', 'k-1', FIRST_BASKET, {
    BASE: 54,
    FIRST: 200,
  }),
  buys(
    '2027-04-03',
    'the same basket as a new order, sent three times',
    'k-2',
    FIRST_BASKET,
    { BASE: 54, 'TEA-WEEKEND': 20 },
    { times: 3 },
  ),
  buys(
    '2027-04-05',
    '2 teapots and 3 gyokuro, ¥20,800',
    'k-3',
    { teapot: 2, gyokuro: 3 },
    { BASE: 208, BIG: 300 },
  ),
  {
    at: tokyo('2027-04-06', '14:00'),
    told: 'four reviews',
    act: {
      kind: 'engagements',
      bodies: [1, 2, 3, 4].map((number) => ({
        id: `review-${number}`,
        member_id: REGULAR,
        activity: 'review',
        occurred_at: tokyo('2027-04-06', `1${number - 1}:00`),
      })),
    },
    awards: { REVIEW: 90 },
  },
  buys('2027-04-07', 'buys a gift card', 'k-4', { giftCard: 1 }, {}),
  buys('2027-04-10', 'the first basket again', 'k-5', FIRST_BASKET, { BASE: 54, 'TEA-WEEKEND': 20 }),
  buys(
    '2027-04-11',
    'a friend buys 3 sencha, ¥3,600',
    'k-6',
    { sencha: 3 },
    { BASE: 36, 'TEA-WEEKEND': 36, FIRST: 200 },
    { member: FRIEND },
  ),
  {
    at: tokyo('2027-04-12'),
    told: 'one teapot comes back',
    act: {
      kind: 'refund',
      orderId: 'k-3',
      body: {
        refund_id: 'k-3-r1',
        order_id: 'k-3',
        member_id: REGULAR,
        occurred_at: tokyo('2027-04-12'),
        currency: 'JPY',
        lines: [{ line_id: '1', amount_minor: 6_800 }],
      },
    },
    awards: { BASE: 68 },
  },
  {
    at: tokyo('2027-04-27'),
    told: 'everything is released',
    act: { kind: 'look' },
    balances: { [REGULAR]: 932, [FRIEND]: 272 },
  },
  {
    at: tokyo('2027-04-27', '11:00'),
    told: '500 spent at checkout',
    act: {
      kind: 'redeem',
      body: {
        redemption_id: 'k-spend-1',
        member_id: REGULAR,
        wallet: 'points',
        units: 500,
        reason: 'checkout',
      },
    },
    balances: { [REGULAR]: 432 },
  },
  {
    at: tokyo('2028-05-01', '00:00'),
    told: 'a year later what was left has expired',
    act: { kind: 'look' },
    balances: { [REGULAR]: 0, [FRIEND]: 0 },
  },
];
