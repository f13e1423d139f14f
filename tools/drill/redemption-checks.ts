import { isDeepStrictEqual } from 'node:util';
import type { SentRequest } from '../reconcile/calculation.js';
import { inParallel } from '../reconcile/differences.js';
import type { ProgramClient } from '../start/program-client.js';
import { firstAnswers, isRedemption, REDEMPTIONS, type SentRedemption } from './sent.js';
import type { Databases } from './storage/databases.js';
import { keptRedemptions } from './storage/redemptions.js';

const CONCURRENCY = 8;
/** The front door remembers answers, and the ledger does: one of so many is asked under a key of its own, past the door. */
const PAST_THE_DOOR_EVERY = 4;

/** I1: the ledger keeps what it decided under the ids that were sent, and as it was answered. */
export async function wronglyKept(databases: Databases, requests: readonly SentRequest[]): Promise<string[]> {
  const kept = await keptRedemptions(databases);
  const first = firstAnswers(requests);
  return [
    ...[...kept.keys()].filter((id) => !first.has(id)).map((id) => `Redemption ${id} was never sent.`),
    ...[...first].flatMap(([id, { status, answer }]) => {
      if (!kept.has(id)) return [`Redemption ${id} was answered ${status}, and the ledger does not know it.`];
      const told = status > 299 ? (answer as { code?: string }).code : null;
      return kept.get(id) === told
        ? []
        : [`Redemption ${id} was answered ${told ?? status}, and is kept as ${kept.get(id) ?? 'redeemed'}.`];
    }),
  ];
}

/** I12: every answer to a redemption id is the first one, during the drill and now that everything is whole. */
export async function changedAnswers(
  client: ProgramClient,
  requests: readonly SentRequest[],
): Promise<{ readonly asked: number; readonly violations: readonly string[] }> {
  const first = firstAnswers(requests);
  const violations: string[] = [];
  const judge = (id: string, when: string, status: number, answer: unknown): void => {
    const told = first.get(id);
    if (told?.status !== status || !isDeepStrictEqual(told.answer, answer))
      violations.push(
        `Redemption ${id}: ${JSON.stringify(told?.answer)} at first, ${when} ${status} ${JSON.stringify(answer)}.`,
      );
  };
  for (const { body, status, answer } of requests.filter(isRedemption))
    judge((body as SentRedemption).redemption_id, 'repeated', status, answer);
  let asked = 0;
  await inParallel([...first].entries(), CONCURRENCY, async ([index, [id, { body }]]) => {
    const keys = index % PAST_THE_DOOR_EVERY === 0 ? [id, `again-${id}`] : [id];
    for (const key of keys) {
      const again = await client.request('POST', REDEMPTIONS, body, key);
      judge(id, 'afterwards', again.status, again.body);
      asked += 1;
    }
  });
  return { asked, violations };
}
