import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConfigReader, RoomConfig } from '@kizuna/service';
import { signingKeyOf, type SigningKey } from './forwarding/signing-key.js';

export interface GatewayConfig extends RoomConfig {
  readonly campaignsUrl: string;
  readonly pointsLedgerUrl: string;
  /** Signs the tokens of forwarded calls. Always given from outside: one made at boot would differ between instances. */
  readonly signingKey: SigningKey;
  /** How long moving a test clock waits for the rooms. */
  readonly clockPatienceMs: number;
}

export function readConfig(common: RoomConfig, reader: ConfigReader): GatewayConfig {
  return {
    ...common,
    campaignsUrl: reader.url('CAMPAIGNS_URL', ['http:', 'https:']),
    pointsLedgerUrl: reader.url('POINTS_LEDGER_URL', ['http:', 'https:']),
    signingKey: readSigningKey(reader),
    clockPatienceMs: reader.integer('CLOCK_PATIENCE_MS', { min: 100, max: 60_000, fallback: 30_000 }),
  };
}

function readSigningKey(reader: ConfigReader): SigningKey {
  const path = reader.text('SIGNING_KEY_FILE');
  try {
    if (path !== '') return signingKeyOf(createPrivateKey(readFileSync(path)));
  } catch {
    // Neither the content nor the reason is told: the file may hold something else that is secret.
    reader.fault(`SIGNING_KEY_FILE must be a readable Ed25519 private key (PKCS8 PEM): ${path}`);
  }
  // Never used: a reader with a fault throws before anything starts.
  return {} as SigningKey;
}
