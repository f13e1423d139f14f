import type { SentRequest } from '../reconcile/calculation.js';
import type { CommittedEvent } from './storage/published.js';
import type { TopicContent, TopicEvent } from './topic-reader.js';

const GRANTED = 'kizuna.award.granted.v1';
const PURCHASE = 'kizuna.purchase.completed.v1';

/** The first occurrence of every event: the relay may repeat what it was not sure of. */
export function firstOccurrences(content: TopicContent): TopicEvent[] {
  const seen = new Set<string>();
  return content.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** I5: what is committed is in the topic, and nothing else is. */
export function unequal(
  topic: string,
  content: TopicContent,
  committed: readonly CommittedEvent[],
): string[] {
  const published = new Set(content.map(({ id }) => id));
  const rows = new Set(committed.filter((event) => event.topic === topic).map(({ id }) => id));
  return [
    ...[...rows]
      .filter((id) => !published.has(id))
      .map((id) => `${topic}: ${id} is committed, but not in the topic`),
    ...[...published]
      .filter((id) => !rows.has(id))
      .map((id) => `${topic}: ${id} is in the topic, but was never committed`),
  ];
}

/** I6: the sequence of first occurrences never falls within a key. */
export function outOfOrder(topic: string, content: TopicContent): string[] {
  const last = new Map<string, number>();
  return firstOccurrences(content).flatMap(({ key, id, sequence = 0 }) => {
    const before = last.get(key) ?? 0;
    last.set(key, sequence);
    return sequence > before ? [] : [`${topic}, ${key}: ${id} is number ${sequence}, behind ${before}`];
  });
}

/** I7: every number of a key is there once, up to the last one given. */
export function gapsInSequence(
  topic: string,
  content: TopicContent,
  lastGiven: ReadonlyMap<string, number>,
): string[] {
  const numbers = new Map<string, number[]>();
  for (const { key, sequence = 0 } of firstOccurrences(content))
    numbers.set(key, [...(numbers.get(key) ?? []), sequence]);
  return [...new Set([...numbers.keys(), ...lastGiven.keys()])].flatMap((key) => {
    const found = (numbers.get(key) ?? []).sort((a, b) => a - b);
    const given = lastGiven.get(key) ?? 0;
    const isWhole = found.length === given && found.every((number, index) => number === index + 1);
    return isWhole
      ? []
      : [`${topic}, ${key}: ${found.length} numbers up to ${found.at(-1) ?? 0}, ${given} were given`];
  });
}

/** I6: a member's orders are decided in the order in which they were acknowledged. */
export function decidedOutOfOrder(
  awards: TopicContent,
  requests: readonly SentRequest[],
  programId: string,
): string[] {
  const granted = Map.groupBy(
    firstOccurrences(awards).filter(({ type }) => type === GRANTED),
    ({ key }) => key,
  );
  const acknowledged = acknowledgedOrders(requests);
  return [...granted].flatMap(([key, events]) => {
    const decided = events
      .toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
      .map(({ businessRef = '' }) => businessRef);
    const wanted = new Set(decided);
    const orders = acknowledged.get(key.slice(programId.length + 1)) ?? [];
    const expected = orders.filter((orderId) => wanted.has(orderId));
    const at = decided.findIndex((orderId, index) => orderId !== expected[index]);
    return at < 0
      ? []
      : [`${key}: award ${at + 1} is for ${decided[at]}, should be ${expected[at] ?? 'none'}`];
  });
}

/** The order ids of each member as they were first acknowledged. */
function acknowledgedOrders(requests: readonly SentRequest[]): ReadonlyMap<string, readonly string[]> {
  const orders = new Map<string, Set<string>>();
  for (const { path, body, answer } of requests) {
    if (path !== '/v1/events') continue;
    const { results = [] } = (answer ?? {}) as { results?: readonly { status: number }[] };
    const items = body as readonly { type: string; data: { order_id: string; member_id: string | null } }[];
    items.forEach(({ type, data: { order_id, member_id } }, index) => {
      if (type !== PURCHASE || member_id === null || results[index]?.status !== 202) return;
      const list = orders.get(member_id) ?? new Set<string>();
      orders.set(member_id, list.add(order_id));
    });
  }
  return new Map([...orders].map(([member, list]) => [member, [...list]]));
}
