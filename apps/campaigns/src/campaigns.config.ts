import type { ConfigReader, RoomConfig } from '@kizuna/service';

export interface CampaignsConfig extends RoomConfig {
  /** Where the gateway publishes its public keys. */
  readonly jwksUrl: string;
}

export function readConfig(common: RoomConfig, reader: ConfigReader): CampaignsConfig {
  return { ...common, jwksUrl: reader.url('JWKS_URL', ['http:', 'https:']) };
}
