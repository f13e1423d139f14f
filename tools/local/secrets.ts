import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an installation on this machine keeps to itself. Made once; files of mode 600. */
export interface Secrets {
  readonly ownerPassword: string;
  readonly runtimePassword: string;
  readonly operatorSecret: string;
  /** PKCS8 PEM of the key with which the gateway signs its forwarded calls. */
  readonly signingKeyFile: string;
}

const random = (): string => randomBytes(24).toString('base64url');

/** A killed run must not leave half a file behind. */
export function writePrivate(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function localSecrets(directory: string): Secrets {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'secrets.json');
  const signingKeyFile = join(directory, 'signing-key.pem');
  if (!existsSync(path))
    writePrivate(
      path,
      JSON.stringify({ ownerPassword: random(), runtimePassword: random(), operatorSecret: random() }),
    );
  if (!existsSync(signingKeyFile))
    writePrivate(
      signingKeyFile,
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    );
  return { ...(JSON.parse(readFileSync(path, 'utf8')) as Omit<Secrets, 'signingKeyFile'>), signingKeyFile };
}
