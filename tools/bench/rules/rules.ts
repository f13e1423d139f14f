import { join, resolve } from 'node:path';
import { runProgram } from '../../local/rooms.js';
import type { Screen } from '../../start/screen.js';
import type { BenchArguments } from '../arguments.js';
import type { Outcome } from '../benchmark.js';
import { purchaseOf } from '../load/purchase.js';
import { rounded } from '../measure/percentiles.js';

const REPOSITORY = resolve(import.meta.dirname, '..', '..', '..', '..');
const PURCHASES = 2_000;
const ORDERS_PER_MEMBER = 10;

interface Measured {
  readonly json_parse_per_s: number;
  readonly one_rule_per_s: number;
  readonly five_rules_per_s: number;
}

/** Decisions of the rules alone, on one core, beside the parsing of the same purchases from JSON. */
export async function rules(given: BenchArguments, screen: Screen): Promise<Outcome> {
  const occurredAt = new Date(Date.now() - 3_600_000).toISOString();
  const purchases = Array.from({ length: PURCHASES }, (_, index) => {
    const who = { orderId: `o${index}`, memberId: `m${index % (PURCHASES / ORDERS_PER_MEMBER)}`, occurredAt };
    return purchaseOf(given.seed + index, who);
  });
  const seconds = Math.max(1, Math.round(given.seconds / 6));
  screen.step(`deciding ${PURCHASES} purchases over and over, ${seconds} s each`);
  const root = resolve(given.root ?? REPOSITORY);
  const { code, stdout, stderr } = await runProgram(
    join(root, 'apps', 'campaigns', 'dist', 'measure', 'decisions.js'),
    { PATH: process.env['PATH'] },
    JSON.stringify(purchases),
    [String(seconds)],
  );
  if (code !== 0) throw new Error(stderr.trim());
  const measured = JSON.parse(stdout) as Measured;
  const { json_parse_per_s: parsed, one_rule_per_s: one, five_rules_per_s: five } = measured;
  const figures = {
    ...measured,
    one_rule_us: rounded(1_000_000 / one, 1),
    five_rules_us: rounded(1_000_000 / five, 1),
    one_rule_to_json_parse: rounded(one / parsed, 2),
    five_rules_to_json_parse: rounded(five / parsed, 2),
    purchases: PURCHASES,
    seed: given.seed,
  };
  const row = (label: string, perSecond: number): string =>
    `  ${label.padEnd(40)}${perSecond.toLocaleString('en-GB').padStart(10)} /s  ${(perSecond / parsed).toFixed(2)}`;
  return {
    figures,
    table: [
      '  decisions of purchases, one core, and their ratio to the parsing of their JSON',
      row('one base rate', one),
      row('base, two multipliers, two bonuses', five),
      row('JSON.parse of the purchases', parsed),
    ],
    faults: [],
  };
}
