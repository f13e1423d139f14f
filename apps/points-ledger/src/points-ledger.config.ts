import type { ConfigReader, RoomConfig } from '@kizuna/service';

export interface PointsLedgerConfig extends RoomConfig {
  /** Where the gateway publishes its public keys. */
  readonly jwksUrl: string;
  /** How often an instance looks for releases and expiries that are due. */
  readonly settleIntervalMs: number;
}

const SETTLE_INTERVAL_MS = 2_000;
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
  };
}
