import type { ConfigReader, RoomConfig } from '@kizuna/service';

export interface PointsLedgerConfig extends RoomConfig {
  /** Where the gateway publishes its public keys. */
  readonly jwksUrl: string;
}

export function readConfig(common: RoomConfig, reader: ConfigReader): PointsLedgerConfig {
  return { ...common, jwksUrl: reader.url('JWKS_URL', ['http:', 'https:']) };
}
