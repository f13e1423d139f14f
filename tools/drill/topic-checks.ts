import type { SentRequest } from '../reconcile/calculation.js';
import { acknowledgedEvents } from './sent.js';
import type { CommittedEvent } from './storage/published.js';
import { isEngagement, isPurchase, subjectOf, type StoreEvent } from './store-events.js';
import type { TopicContent, TopicEvent } from './topic-reader.js';

const GRANTED = 'kizuna.award.granted.v1';

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

/** I6: a member's orders, and its engagements, are decided in the order in which they were acknowledged. */
export function decidedOutOfOrder(
  awards: TopicContent,
  requests: readonly SentRequest[],
  programId: string,
): string[] {
  const granted = firstOccurrences(awards).filter(({ type }) => type === GRANTED);
  const acknowledged = acknowledgedEvents(requests);
  return [
    ...outOfTurn(
      granted.filter(({ kind }) => kind !== 'engagement'),
      subjectsOfMembers(acknowledged.filter(isPurchase)),
      programId,
    ),
    ...outOfTurn(
      granted.filter(({ kind }) => kind === 'engagement'),
      subjectsOfMembers(acknowledged.filter(isEngagement)),
      programId,
    ),
  ];
}

function outOfTurn(
  granted: readonly TopicEvent[],
  acknowledged: ReadonlyMap<string, readonly string[]>,
  programId: string,
): string[] {
  return [...Map.groupBy(granted, ({ key }) => key)].flatMap(([key, events]) => {
    const decided = events
      .toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
      .map(({ businessRef = '' }) => businessRef)
      // Several rules may give for one order: their awards follow each other.
      .filter((subject, index, all) => subject !== all[index - 1]);
    const wanted = new Set(decided);
    const expected = (acknowledged.get(key.slice(programId.length + 1)) ?? []).filter((subject) =>
      wanted.has(subject),
    );
    const at = decided.findIndex((subject, index) => subject !== expected[index]);
    return at < 0
      ? []
      : [`${key}: award ${at + 1} is for ${decided[at]}, should be ${expected[at] ?? 'none'}`];
  });
}

/** What each member's events are about, in the order in which they were first acknowledged. */
function subjectsOfMembers(events: readonly StoreEvent[]): ReadonlyMap<string, readonly string[]> {
  const subjects = new Map<string, Set<string>>();
  for (const event of events) {
    const { member_id: member } = event.data;
    if (typeof member !== 'string') continue;
    const list = subjects.get(member) ?? new Set<string>();
    subjects.set(member, list.add(subjectOf(event)));
  }
  return new Map([...subjects].map(([member, list]) => [member, [...list]]));
}
