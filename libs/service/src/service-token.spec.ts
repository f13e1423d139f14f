import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { base64url, exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { Logger } from '@nestjs/common';
import { ServiceTokenAuthentication, signServiceToken } from './service-token.js';

const caller = { programId: 'shop', actor: 'key:ab12cd34', scopes: new Set(['rules:read']) };
const claims = { program: 'shop', scopes: ['rules:read'], actor: 'key:ab12cd34' };

const encoded = (part: object): string => base64url.encode(JSON.stringify(part));
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

describe('a token of a forwarded call', () => {
  let server: Server;
  let key: CryptoKey;
  let publicKey: CryptoKey;
  let published: JWK[];
  let asked: (string | undefined)[] = [];
  let authentication: ServiceTokenAuthentication;
  let url: string;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    ({ privateKey: key, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' }));
    published = [{ ...(await exportJWK(publicKey)), kid: 'now', alg: 'EdDSA', use: 'sig' }];
    server = createServer((request, response) => {
      asked.push(request.url);
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(async () => {
    authentication = new ServiceTokenAuthentication(`${url}/jwks.json`, 'campaigns');
    // The set is known now.
    await authentication.authenticate(await signServiceToken(caller, 'campaigns', { key, kid: 'now' }));
    asked = [];
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** A good one, but for what is said. */
  const forged = async ({
    header = {},
    payload = {},
    signedWith = key,
  }: {
    header?: object;
    payload?: Record<string, unknown>;
    signedWith?: CryptoKey | Uint8Array;
  }): Promise<string> =>
    new SignJWT({
      iss: 'kizuna-gateway',
      aud: 'campaigns',
      iat: inSeconds(0),
      exp: inSeconds(60),
      ...claims,
      ...payload,
    })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'now', typ: 'JWT', ...header })
      .sign(signedWith);

  it('names its caller to the room that it is for', async () => {
    const token = await signServiceToken(caller, 'campaigns', { key, kid: 'now' });
    expect(await authentication.authenticate(token)).toEqual(caller);
    expect(await authentication.authenticate(await forged({}))).toEqual(caller);
    expect(asked).toEqual([]);
  });

  it.each<[string, () => Promise<string>]>([
    [
      'alg none',
      async () =>
        `${encoded({ alg: 'none', kid: 'now' })}.${encoded({ iss: 'kizuna-gateway', aud: 'campaigns', iat: inSeconds(0), exp: inSeconds(60), ...claims })}.`,
    ],
    [
      'alg none with the signature of a good one',
      async () => {
        const [, payload, signature] = (await forged({})).split('.');
        return `${encoded({ alg: 'none', kid: 'now' })}.${payload}.${signature}`;
      },
    ],
    [
      'HS256 with the public key as its secret',
      async () =>
        forged({
          header: { alg: 'HS256' },
          signedWith: new TextEncoder().encode(await exportSPKI(publicKey)),
        }),
    ],
    [
      'HS256 with the bytes of the public key',
      async () => forged({ header: { alg: 'HS256' }, signedWith: base64url.decode(published[0]?.x ?? '') }),
    ],
    ['another audience', async () => forged({ payload: { aud: 'points-ledger' } })],
    ['no audience', async () => forged({ payload: { aud: undefined } })],
    ['another issuer', async () => forged({ payload: { iss: 'somebody' } })],
    ['expired', async () => forged({ payload: { iat: inSeconds(-120), exp: inSeconds(-60) } })],
    ['no expiry', async () => forged({ payload: { exp: undefined } })],
    ['no time of issue', async () => forged({ payload: { iat: undefined } })],
    [
      'a life of a year',
      async () => forged({ payload: { iat: inSeconds(-120), exp: inSeconds(31_536_000) } }),
    ],
    ['issued in the future', async () => forged({ payload: { iat: inSeconds(60), exp: inSeconds(120) } })],
    ['not valid yet', async () => forged({ payload: { nbf: inSeconds(60) } })],
    ['no program', async () => forged({ payload: { program: undefined } })],
    ['two programs', async () => forged({ payload: { program: ['shop', 'other'] } })],
    ['scopes as a text', async () => forged({ payload: { scopes: 'rules:read rules:write' } })],
    [
      'another key under the same name',
      async () => forged({ signedWith: (await generateKeyPair('EdDSA', { crv: 'Ed25519' })).privateKey }),
    ],
    [
      'ES256 with a key of its own',
      async () =>
        forged({ header: { alg: 'ES256' }, signedWith: (await generateKeyPair('ES256')).privateKey }),
    ],
    [
      'a changed program',
      async () => {
        const [header, payload = '', signature] = (await forged({})).split('.');
        const read = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as object;
        return `${header}.${encoded({ ...read, program: 'other' })}.${signature}`;
      },
    ],
    ['an unknown critical header', async () => forgedCritical()],
    ['an API key', async () => `kz_live_${'x'.repeat(43)}`],
    ['nothing of the kind', async () => 'a.b.c'],
    ['three dots', async () => '...'],
  ])('opens nothing: %s', async (_, token) => {
    expect(await authentication.authenticate(await token())).toBeUndefined();
  });

  const forgedCritical = async (): Promise<string> => {
    const [, payload] = (await forged({})).split('.');
    return `${encoded({ alg: 'EdDSA', kid: 'now', crit: ['exp'], exp: 1 })}.${payload}.AAAA`;
  };

  it.each<[string, object]>([
    ['a foreign key set', { jku: 'http://127.0.0.1:1/jwks.json' }],
    ['a certificate elsewhere', { x5u: 'http://127.0.0.1:1/cert.pem' }],
  ])('makes a room ask nowhere: %s', async (_, header) => {
    const address = {
      ...header,
      ...Object.fromEntries(Object.keys(header).map((name) => [name, `${url}/evil`])),
    };
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    expect(
      await authentication.authenticate(await forged({ header: address, signedWith: privateKey })),
    ).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('brings no key of its own', async () => {
    const own = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const header = { jwk: await exportJWK(own.publicKey) };
    expect(
      await authentication.authenticate(await forged({ header, signedWith: own.privateKey })),
    ).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['unknown', 'then'],
    ['a path', '../../etc/passwd'],
    ['an address', 'http://127.0.0.1:1/'],
    ['a number', 7],
    ['an object', {}],
    ['__proto__', '__proto__'],
  ])('opens nothing with an odd kid, and asks for the set once in ten seconds: %s', async (_, kid) => {
    const odd = new ServiceTokenAuthentication(`${url}/jwks.json`, 'campaigns');
    const token = `${encoded({ alg: 'EdDSA', kid })}.${(await forged({})).split('.').slice(1).join('.')}`;
    for (let time = 0; time < 5; time += 1) expect(await odd.authenticate(token)).toBeUndefined();
    expect(asked.filter((path) => path !== '/jwks.json')).toEqual([]);
    expect(asked.length).toBeLessThanOrEqual(1);
  });

  it('opens nothing when the key set cannot be read', async () => {
    const away = new ServiceTokenAuthentication('http://127.0.0.1:1/jwks.json', 'campaigns');
    expect(await away.authenticate(await forged({}))).toBeUndefined();
  });
});
