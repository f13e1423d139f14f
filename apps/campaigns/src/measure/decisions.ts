// Measures the pure decision of purchases, for the benchmark of the rules: purchases come on the standard input, one JSON
// array; figures go to the standard output, one JSON object. Run as a process, never imported.
import { text } from 'node:stream/consumers';
import type { PurchaseBody } from '@kizuna/contracts';
import { instant } from '@kizuna/kernel';
import type { Condition, EarningRule, Reward } from '../domain/earning-rule.js';
import { NO_HISTORY, type MemberHistory } from '../domain/member-history.js';
import { unknownOrder } from '../domain/order.js';
import type { ProgramRules } from '../domain/program-rules.js';
import { recordPurchase } from '../domain/record-purchase.js';

const seconds = Number(process.argv[2] ?? '5');
const body = await text(process.stdin);
const purchases = JSON.parse(body) as PurchaseBody[];
const bodies = purchases.map((purchase) => JSON.stringify(purchase));

function rule(code: string, reward: Reward, more: Partial<EarningRule> = {}): EarningRule {
  return {
    code,
    version: 1,
    label: code,
    labelJa: undefined,
    trigger: { kind: 'purchase' },
    wallet: 'points',
    priority: 0,
    conditions: [],
    lineFilter: {},
    minimumEligible: undefined,
    reward,
    cap: undefined,
    pending: undefined,
    expiry: undefined,
    state: 'active',
    validFrom: instant('2020-01-01T00:00:00Z'),
    validTo: undefined,
    ruleSetRevision: 1,
    ...more,
  };
}

const when = (expression: string): Condition => ({ label: expression, labelJa: undefined, expression });
const base = rule('BASE', { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] });
const shop = [
  base,
  rule(
    'TEA-WEEKEND',
    { kind: 'multiplier', multiplier_bp: 20_000, group: 'campaign', mode: 'best' },
    { lineFilter: { categories: ['tea'] }, conditions: [when('time.weekday >= 6')] },
  ),
  rule('MEMBER', { kind: 'multiplier', multiplier_bp: 12_500, group: 'member', mode: 'best' }),
  rule(
    'FIRST',
    { kind: 'fixed', units: 200 },
    { conditions: [when('member.is_first_purchase')], minimumEligible: 2_000 },
  ),
  rule('BIG', { kind: 'fixed', units: 300 }, { minimumEligible: 10_000 }),
];

const programOf = (versions: readonly EarningRule[]): ProgramRules => ({
  versions,
  ruleSetRevision: 1,
  settingsRevision: 1,
  settings: {
    rounding: 'floor',
    roundingScope: 'order',
    bonusFrom: 'exact',
    currency: 'JPY',
    maxAward: 1_000_000_000,
    earnNetOfTax: true,
    lateWindowDays: 30,
    clawbackPolicy: 'negative',
    timeZone: 'Asia/Tokyo',
    returnWindowDays: 14,
    minLifeDays: 90,
    expiry: new Map(),
  },
});

/** Rounds of all purchases until the time is over. @returns purchases a second */
function perSecond(work: (index: number) => void): number {
  const startedAt = performance.now();
  let done = 0;
  while (performance.now() - startedAt < seconds * 1_000) {
    for (const index of purchases.keys()) work(index);
    done += purchases.length;
  }
  return Math.round((done * 1_000) / (performance.now() - startedAt));
}

function decider(program: ProgramRules, history: MemberHistory): (index: number) => void {
  return (index) => {
    const facts = purchases[index];
    if (!facts) return;
    const at = instant(facts.occurred_at);
    const arrived = { eventId: `purchase:${facts.order_id}`, dataHash: '', occurredAt: at, receivedAt: at };
    const order = unknownOrder('bench', facts.order_id);
    const change = recordPurchase(order, { ...arrived, memberId: facts.member_id, facts }, program, history);
    if (change.order.awards.length === 0) throw new Error(`${facts.order_id} earns nothing`);
  };
}

const measures = {
  json_parse_per_s: (index: number): void => void JSON.parse(bodies[index] ?? 'null'),
  one_rule_per_s: decider(programOf([base]), NO_HISTORY),
  five_rules_per_s: decider(programOf(shop), { ...NO_HISTORY, orders: 3 }),
};
const figures: Record<string, number> = {};
for (const work of Object.values(measures)) for (const index of purchases.keys()) work(index);
for (const [name, work] of Object.entries(measures)) figures[name] = perSecond(work);
process.stdout.write(`${JSON.stringify(figures)}\n`);
