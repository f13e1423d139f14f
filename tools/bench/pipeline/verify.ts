import type { StageCounters } from './stage-counters.js';

/** What the front door acknowledged, and what it must have become. */
export interface Acknowledged {
  readonly purchases: number;
  readonly points: number;
}

/** Has every acknowledged purchase its effect exactly once? @returns what is not so, a sentence each */
export async function verify(
  { campaigns, ledger }: Pick<StageCounters, 'campaigns' | 'ledger'>,
  { purchases, points }: Acknowledged,
): Promise<string[]> {
  const ask = async (database: typeof ledger, sql: string): Promise<number> => {
    const [row] = await database.query<{ figure: string | null }>(sql);
    return Number(row?.figure ?? 0);
  };
  const found: readonly (readonly [what: string, found: number, wanted: number])[] = [
    ['purchases recorded', await ask(campaigns, 'SELECT count(*) AS figure FROM purchase'), purchases],
    ['awards', await ask(campaigns, 'SELECT count(*) AS figure FROM award'), purchases],
    ['units awarded', await ask(campaigns, 'SELECT sum(amount) AS figure FROM award'), points],
    ['transfers', await ask(ledger, 'SELECT count(*) AS figure FROM transfer'), purchases],
    ['units posted', await ask(ledger, 'SELECT sum(amount) AS figure FROM transfer'), points],
    ['units in lots', await ask(ledger, 'SELECT sum(remaining) AS figure FROM lot'), points],
    ['units in wallets', await ask(ledger, 'SELECT sum(available) AS figure FROM wallet'), points],
    ['transfers of wallets', await ask(ledger, 'SELECT sum(seq) AS figure FROM wallet'), purchases],
    ['events parked by campaigns', await ask(campaigns, 'SELECT count(*) AS figure FROM parked_event'), 0],
    ['events parked by the ledger', await ask(ledger, 'SELECT count(*) AS figure FROM parked_event'), 0],
  ];
  return found
    .filter(([, figure, wanted]) => figure !== wanted)
    .map(([what, figure, wanted]) => `${what}: ${figure}, and ${wanted} were acknowledged`);
}
