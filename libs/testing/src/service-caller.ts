import { generateKeyPair, exportJWK, type CryptoKey, type JWK } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SCOPES, signServiceToken } from '@kizuna/service';

/** A key set on a real port, and tokens signed with its key: what the gateway is to the rooms behind it. */
export class TestKeySet {
  private constructor(
    private readonly server: Server,
    private readonly key: CryptoKey,
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
    return new TestKeySet(server, privateKey, `http://127.0.0.1:${port}/jwks.json`);
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

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
