export const REVIEW = 'review';
export const TEA = 'tea';

/** Nothing waits, so that what is earned can be spent while the drill lasts. */
const AT_ONCE = { kind: 'none' };

/** The rules of a drill: rates, a multiplier, what depends on a member's past, what is capped by the month. */
export const drillRules = (validFrom: string): readonly Readonly<Record<string, unknown>>[] =>
  [
    {
      code: 'BASE',
      label: '1 point per ¥100',
      trigger: 'purchase',
      line_filter: {},
      reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    },
    {
      code: 'TEA-DOUBLE',
      label: 'Tea counts twice in larger orders',
      trigger: 'purchase',
      conditions: [{ label: '¥5,000 or more', expression: 'order.total_minor >= 5000' }],
      line_filter: { categories: [TEA] },
      reward: { kind: 'multiplier', multiplier_bp: 20_000, group: 'campaign', mode: 'best' },
    },
    {
      code: 'FIRST',
      label: '200 points for the first order',
      trigger: 'purchase',
      conditions: [{ label: 'first order', expression: 'member.is_first_purchase' }],
      minimum_eligible_minor: 2_000,
      reward: { kind: 'fixed', units: 200 },
    },
    {
      code: 'REVIEW',
      label: '30 points for a review',
      trigger: 'engagement',
      activity: REVIEW,
      cap: { awards: 3 },
      reward: { kind: 'fixed', units: 30 },
    },
  ].map((rule) => ({ wallet: 'points', priority: 0, pending: AT_ONCE, valid_from: validFrom, ...rule }));
