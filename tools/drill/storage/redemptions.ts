import type { Databases } from './databases.js';

/** What the ledger keeps under each redemption id: the code of its refusal, or null. */
export async function keptRedemptions(databases: Databases): Promise<ReadonlyMap<string, string | null>> {
  const rows = await databases.query<{ redemption_id: string; refusal: string | null }>(
    'points-ledger',
    'SELECT redemption_id, refusal FROM redemption',
  );
  return new Map(rows.map(({ redemption_id, refusal }) => [redemption_id, refusal]));
}
