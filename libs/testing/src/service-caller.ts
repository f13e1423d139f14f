import { base64url, exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SCOPES, signServiceToken } from '@kizuna/service';

/** A key set on a real port, and tokens signed with its key: what the gateway is to the rooms behind it. */
export class TestKeySet {
  private constructor(
    private readonly server: Server,
    private readonly key: CryptoKey,
    private readonly publicKey: CryptoKey,
    readonly url: string,
  ) {}

  static async start(): Promise<TestKeySet> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'EdDSA', use: 'sig' };
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new TestKeySet(server, privateKey, publicKey, `http://127.0.0.1:${port}/jwks.json`);
  }

  /** `Authorization` header of a caller in a program. */
  async authorization(
    programId: string,
    audience: string,
    scopes: readonly string[] = SCOPES,
  ): Promise<string> {
    const caller = { programId, actor: 'key:test', scopes: new Set(scopes) };
    return `Bearer ${await signServiceToken(caller, audience, { key: this.key, kid: 'test' })}`;
  }

  /** `Authorization` headers that must open nothing, by what is wrong with them. */
  async forgeries(programId: string, audience: string): Promise<ReadonlyMap<string, string>> {
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: 'kizuna-gateway',
      aud: audience,
      iat: now,
      exp: now + 60,
      program: programId,
      scopes: SCOPES,
      actor: 'key:forger',
    };
    const signed = (header: object, payload: object, key: CryptoKey | Uint8Array): Promise<string> =>
      new SignJWT({ ...claims, ...payload })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'test', ...header })
        .sign(key);
    const publicPem = new TextEncoder().encode(await exportSPKI(this.publicKey));
    const { privateKey: foreign } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const none = [{ alg: 'none', kid: 'test' }, claims].map((part) => base64url.encode(JSON.stringify(part)));
    const tokens = {
      'alg none': `${none.join('.')}.`,
      'HS256 with the public key': await signed({ alg: 'HS256' }, {}, publicPem),
      'another audience': await signed({}, { aud: 'gateway' }, this.key),
      expired: await signed({}, { iat: now - 120, exp: now - 60 }, this.key),
      'a foreign key': await signed({}, {}, foreign),
      'an odd kid': await signed({ kid: '../test' }, {}, this.key),
      'a foreign key set': await signed({ jku: 'http://127.0.0.1:9/jwks.json' }, {}, foreign),
      'an API key': `kz_live_${'x'.repeat(43)}`,
    };
    return new Map(Object.entries(tokens).map(([name, token]) => [name, `Bearer ${token}`]));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
