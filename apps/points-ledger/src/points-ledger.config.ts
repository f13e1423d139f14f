import type { ConfigReader, RoomConfig } from '@kizuna/service';

export interface PointsLedgerConfig extends RoomConfig {
  /** Where the gateway publishes its public keys. */
  readonly jwksUrl: string;
  /** How often an instance looks for releases and expiries that are due. */
  readonly settleIntervalMs: number;
  /** How often one of the instances goes on checking the books. */
  readonly booksIntervalMs: number;
  /** For how long it does so each time. */
  readonly booksBudgetMs: number;
}

const SETTLE_INTERVAL_MS = 2_000;
const BOOKS_INTERVAL_MS = 300_000;
const BOOKS_BUDGET_MS = 10_000;
const LONGEST_INTERVAL_MS = 3_600_000;

export function readConfig(common: RoomConfig, reader: ConfigReader): PointsLedgerConfig {
  return {
    ...common,
    jwksUrl: reader.url('JWKS_URL', ['http:', 'https:']),
    settleIntervalMs: reader.integer('SETTLE_INTERVAL_MS', {
      min: 50,
      max: LONGEST_INTERVAL_MS,
      fallback: SETTLE_INTERVAL_MS,
    }),
    booksIntervalMs: reader.integer('BOOKS_INTERVAL_MS', {
      min: 50,
      max: LONGEST_INTERVAL_MS,
      fallback: BOOKS_INTERVAL_MS,
    }),
    booksBudgetMs: reader.integer('BOOKS_BUDGET_MS', {
      min: 0,
      max: LONGEST_INTERVAL_MS,
      fallback: BOOKS_BUDGET_MS,
    }),
  };
}
