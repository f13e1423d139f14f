import { textArray, timestamptzArray, uuidArray, type Queryable, type Transaction } from '@kizuna/database';
import type { Instant } from '@kizuna/kernel';
import { historyRequest, type HistoryRequest } from './history-request.js';
import type { EarningRule } from '../domain/earning-rule.js';
import { MemberHistories, type MemberHistory } from '../domain/member-history.js';

/**
 * Locks the members, then reads what the rules ask about their past: two statements for the lock and one for each kind of
 * count, whatever the size of the chunk, and none where nothing is asked. The lock is a row of its own, taken behind the rows
 * of orders or engagements and always in key order: purchases, engagements and releases of one member, which run in different
 * transactions, decide one after the other, so that a cap cannot be passed by two of them at once.
 */
export async function lockHistories(
  tx: Transaction,
  requests: readonly HistoryRequest[],
): Promise<MemberHistories> {
  if (requests.length === 0) return new MemberHistories();
  const members = membersOf(requests);
  const keys = [
    textArray(members.map(({ programId }) => programId)),
    textArray(members.map(({ memberId }) => memberId)),
  ];
  await tx.query(
    {
      name: 'open-member-gates',
      text: `INSERT INTO member_gate (program_id, member_id)
             SELECT program_id, member_id FROM unnest($1::text[], $2::text[]) AS n (program_id, member_id)
             ORDER BY program_id, member_id ON CONFLICT DO NOTHING`,
    },
    keys,
  );
  await tx.query(
    {
      name: 'lock-member-gates',
      text: `SELECT FROM member_gate
             WHERE (program_id, member_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
             ORDER BY program_id, member_id FOR UPDATE`,
    },
    keys,
  );
  return readHistories(tx, requests);
}

/** The same without a lock, for what has no effect. */
async function readHistories(on: Queryable, requests: readonly HistoryRequest[]): Promise<MemberHistories> {
  const histories = new MemberHistories();
  await readOrders(on, membersOf(requests.filter(({ orders }) => orders)), histories);
  await readUsage(on, requests, histories);
  return histories;
}

/** One member's past as it is now, without a lock: what is decided by it has no effect. */
export async function readHistory(
  on: Queryable,
  about: { readonly programId: string; readonly memberId: string; readonly occurredAt: Instant },
  rules: readonly EarningRule[],
  settings: { readonly timeZone: string },
): Promise<MemberHistory> {
  const histories = await readHistories(on, historyRequest(about, rules, settings));
  return histories.of(about.programId, about.memberId);
}

type Member = Pick<HistoryRequest, 'programId' | 'memberId'>;

function membersOf(requests: readonly HistoryRequest[]): Member[] {
  const named = new Map(requests.map((request) => [`${request.programId} ${request.memberId}`, request]));
  return [...named.keys()].sort().flatMap((name) => named.get(name) ?? []);
}

async function readOrders(
  on: Queryable,
  members: readonly Member[],
  histories: MemberHistories,
): Promise<void> {
  if (members.length === 0) return;
  const rows = await on.query<{ program_id: string; member_id: string; orders: number }>(
    {
      name: 'count-orders',
      text: `SELECT n.program_id, n.member_id, c.orders
             FROM unnest($1::text[], $2::text[]) AS n (program_id, member_id)
             CROSS JOIN LATERAL (
               SELECT count(*)::int AS orders FROM purchase p
               WHERE p.program_id = n.program_id AND p.member_id = n.member_id
                 AND p.state = 'decided' AND NOT p.is_cancelled) c`,
    },
    [
      textArray(members.map(({ programId }) => programId)),
      textArray(members.map(({ memberId }) => memberId)),
    ],
  );
  for (const { program_id, member_id, orders } of rows) histories.knowOrders(program_id, member_id, orders);
}

/**
 * What rules with a cap have given in a month, clawbacks taken off. An award id begins with the milliseconds of its
 * `occurred_at`, so that a month is a range of the index that is there already.
 */
async function readUsage(
  on: Queryable,
  requests: readonly HistoryRequest[],
  histories: MemberHistories,
): Promise<void> {
  const rows = new Map(
    requests.flatMap(({ capped, ...request }) =>
      capped.map((rule) => [
        `${request.programId} ${request.memberId} ${rule} ${request.month}`,
        { ...request, rule },
      ]),
    ),
  );
  if (rows.size === 0) return;
  const asked = [...rows.values()];
  const found = await on.query<{
    program_id: string;
    member_id: string;
    rule: string;
    month: string;
    awards: number;
    units: string;
  }>(
    {
      name: 'count-awards',
      text: `SELECT n.program_id, n.member_id, n.rule, n.month, c.awards, c.units
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::timestamptz[],
                         $8::timestamptz[])
               AS n (program_id, member_id, rule, month, first_id, last_id, since, until)
             CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE clawback_total < amount)::int AS awards,
                      coalesce(sum(amount - clawback_total), 0) AS units
               FROM award a
               WHERE a.program_id = n.program_id AND a.member_id = n.member_id AND a.rule = n.rule
                 AND a.award_id BETWEEN n.first_id AND n.last_id
                 AND a.occurred_at >= n.since AND a.occurred_at < n.until) c`,
    },
    [
      textArray(asked.map(({ programId }) => programId)),
      textArray(asked.map(({ memberId }) => memberId)),
      textArray(asked.map(({ rule }) => rule)),
      textArray(asked.map(({ month }) => month)),
      uuidArray(asked.map(({ from }) => boundary(from, '0'))),
      uuidArray(asked.map(({ to }) => boundary(to, 'f'))),
      timestamptzArray(asked.map(({ from }) => from)),
      timestamptzArray(asked.map(({ to }) => to)),
    ],
  );
  for (const { program_id, member_id, rule, month, awards, units } of found)
    histories.knowUsage(program_id, member_id, rule, month, { awards, units: BigInt(units) });
}

/** The smallest or largest id of a millisecond. */
function boundary(at: Instant, digit: '0' | 'f'): string {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-${digit.repeat(4)}-${digit.repeat(4)}-${digit.repeat(12)}`;
}
