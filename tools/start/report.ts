import type { LineReport } from '../orders/orders-file.js';
import type { Calculation } from '../reconcile/calculation.js';
import type { Comparison } from '../reconcile/compare.js';
import type { FirstPurchase, proveFirstPurchase } from './first-purchase.js';

const TOP = 5;
const DIFFERENCES_SHOWN = 20;

const number = (value: number): string => value.toLocaleString('en-GB');
const row = (label: string, value: number | string, note = ''): string =>
  `  ${label.padEnd(34)}${String(typeof value === 'number' ? number(value) : value).padStart(10)}  ${note}`.trimEnd();

/** What became of every line of the file; each is counted once. */
export function linesReport(lines: LineReport): string[] {
  const leftOut = Object.entries(lines.left_out).filter(([, count]) => count > 0);
  const counted =
    lines.earned +
    lines.guest +
    lines.refunded +
    lines.waiting +
    lines.shipping +
    leftOut.reduce((sum, [, n]) => sum + n, 0);
  return [
    'Lines of the file',
    row('earn for a member', lines.earned),
    row('bought by a guest', lines.guest),
    row('refunded', lines.refunded),
    row('refund of an order not in the file', lines.waiting, 'waiting for its order'),
    row('shipping', lines.shipping),
    ...leftOut.map(([why, count]) => row(`left out: ${why.replaceAll('_', ' ')}`, count)),
    row(
      'counted',
      counted,
      counted === lines.total ? `of ${number(lines.total)}` : `but the file has ${number(lines.total)}`,
    ),
  ];
}

export function pointsReport({ totals, orders, members }: Calculation): string[] {
  const refunds = [...orders.values()].flatMap((order) => order.refunds);
  return [
    'Points, by the independent calculation',
    row('orders', orders.size),
    row(
      'refunds',
      refunds.length,
      `${number(refunds.filter(({ state }) => state === 'waiting').length)} waiting`,
    ),
    row('members', members.size),
    row('points earned', totals.earned),
    row('points taken back', totals.clawed_back),
  ];
}

/** The members with most points, and their four figures. */
export function memberTable({ members }: Calculation): string[] {
  const figures = [...members].flatMap(([member, wallets]) => {
    const points = wallets.get('points');
    return points ? [{ member, ...points, sum: points.pending + points.available }] : [];
  });
  const top = figures.sort((a, b) => b.sum - a.sum || (a.member < b.member ? -1 : 1)).slice(0, TOP);
  const columns = (cells: readonly (number | string)[]): string =>
    cells.map((cell) => String(typeof cell === 'number' ? number(cell) : cell).padStart(11)).join('');
  return [
    `  ${'Members with most points'.padEnd(28)}${columns(['pending', 'available', 'held', 'debt'])}`,
    ...top.map(
      ({ member, pending, available, held, debt }) =>
        `  ${member.padEnd(28)}${columns([pending, available, held, debt])}`,
    ),
  ];
}

export function topMembers(balances: ReadonlyMap<string, number>): string[] {
  const top = [...balances].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, TOP);
  return ['Top members', ...top.map(([member, available]) => row(member, available, 'points'))];
}

export function reconciliationReport({ compared, differences }: Comparison, program?: string): string[] {
  const { lots: _, members, orders, awards, refunds, ...others } = compared;
  const more = Object.entries(others).filter(([, count]) => count > 0);
  const what = Object.entries({ members, orders, awards, refunds, ...Object.fromEntries(more) })
    .map(([name, count]) => `${number(count)} ${name}`)
    .join(', ');
  const of = program === undefined ? '' : `program ${program}: `;
  if (differences.length === 0) return [`Reconciled: ${of}${what} agree with the independent calculation.`];
  const shown = differences.slice(0, DIFFERENCES_SHOWN);
  return [
    `NOT RECONCILED: ${number(differences.length)} differences in ${of}${what}.`,
    ...shown.map((difference) => `  ${difference}`),
    ...(differences.length > shown.length
      ? [`  … and ${number(differences.length - shown.length)} more`]
      : []),
  ];
}

/** How to send a first purchase of one's own, and what came of it when it was sent. */
export function firstPurchaseReport(
  url: string,
  programId: string,
  first: FirstPurchase,
  proof: Awaited<ReturnType<typeof proveFirstPurchase>> | undefined,
): string[] {
  return [
    `Front door ${url}, program ${programId}. A first own purchase:`,
    '',
    first.purchaseCommand,
    '',
    'answers {"event_id":…,"status_url":…}: it is taken in, and the status tells what was decided and why. A moment later',
    'its points are in the balance, pending while it can be returned where the program says so:',
    '',
    first.balanceCommand,
    ...(proof
      ? ['', `It was sent just now and answered ${proof.answer}`, `then ${JSON.stringify(proof.balance)}`]
      : []),
  ];
}
