import { topics, type EventContract } from '@kizuna/contracts';

const isContract = (value: unknown): value is EventContract =>
  typeof value === 'object' && value !== null && 'type' in value && 'topic' in value && 'schema' in value;

/** The event contracts among the exports of a module, in the order of topics, then by type. */
export function contractsOf(exported: Readonly<Record<string, unknown>>): readonly EventContract[] {
  const order = Object.keys(topics);
  return Object.values(exported)
    .filter(isContract)
    .sort((a, b) => order.indexOf(a.topic) - order.indexOf(b.topic) || (a.type < b.type ? -1 : 1));
}
