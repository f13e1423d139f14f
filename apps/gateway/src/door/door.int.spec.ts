import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { eventually } from '@kizuna/testing';
import { aPurchase } from '../testing/fixtures.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

/** Writes to a socket as it likes; resolves with what came back when the other side has closed. */
function speak(url: string, start: string, drop: string, everyMs: number): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(start));
    const dropping = setInterval(() => socket.writable && socket.write(drop), everyMs);
    let heard = '';
    socket.on('data', (data) => {
      heard += data.toString('utf8');
      // A reset would take what was not read yet with it.
      clearInterval(dropping);
      socket.end();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(dropping);
      resolve(heard);
    });
  });
}

const head = (key: string, length: number): string =>
  `POST /v1/purchases HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${key}\r\n` +
  `content-type: application/json\r\ncontent-length: ${length}\r\n`;

describe('the door', () => {
  let gateway: TestGateway;
  let key: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
    ({ api_key: key } = await gateway.program());
  });
  afterEach(async () => {
    // Whatever came, it is alive.
    expect(await gateway.call(key, '/v1/program')).toMatchObject({ status: 200 });
  });
  afterAll(() => gateway.stop());

  const post = async (headers: Record<string, string>, body: string | Buffer) => {
    const response = await fetch(`${gateway.room.url}/v1/purchases`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const purchase = JSON.stringify(aPurchase());

  it.each<[string, Record<string, string>, string | Buffer]>([
    ['gzip', { 'content-encoding': 'gzip' }, gzipSync(purchase)],
    ['an encoding that it is not in', { 'content-encoding': 'br' }, purchase],
    ['two encodings', { 'content-encoding': 'identity, gzip' }, purchase],
    ['Shift JIS', { 'content-type': 'application/json; charset=shift_jis' }, purchase],
    ['UTF-16', { 'content-type': 'application/json;charset="UTF-16"' }, Buffer.from(purchase, 'utf16le')],
    ['Latin 1 of CloudEvents', { 'content-type': 'application/cloudevents+json; charset=latin1' }, purchase],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'order_id=1'],
    ['plain text', { 'content-type': 'text/plain' }, purchase],
    ['parts', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
  ])('takes JSON in UTF-8 as it is, not %s', async (_, headers, body) => {
    expect(await post(headers, body)).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media_type' },
    });
  });

  it.each<Record<string, string>>([
    { 'content-encoding': 'identity' },
    { 'content-type': 'application/json; charset=UTF-8' },
    { 'content-type': 'application/json; charset="utf-8"' },
  ])('takes what says so: %j', async (headers) => {
    expect(await post(headers, purchase)).toMatchObject({ status: 202 });
  });

  it('refuses half a character, instead of making another one of it', async () => {
    const [before = '', after = ''] = purchase.split('A-1001');
    const body = Buffer.concat([Buffer.from(`${before}A-1`), Buffer.from([0xc3]), Buffer.from(after)]);
    expect(await post({}, body)).toMatchObject({ status: 400, body: { code: 'malformed_request' } });
  });

  const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n])));
  it.each<[string, string]>([
    ['10,000 levels', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['33 levels of lists', `{"lines":${'['.repeat(33)}${']'.repeat(33)}}`],
    ['100,000 properties', wide],
    ['100,000 properties inside', purchase.replace('{', `{"attributes":${wide},`)],
  ])('S-16: refuses %s', async (_, text) => {
    for (const path of ['/v1/purchases', '/v1/events', '/v1/rules', '/v1/api-keys'])
      expect(await gateway.call(key, path, { text })).toMatchObject({
        status: 400,
        body: { code: 'malformed_request' },
      });
  });

  it('S-16: refuses 50 MB before they are sent', async () => {
    const heard = await speak(gateway.room.url, `${head(key, 50 * 1_048_576)}\r\n{`, ' '.repeat(65_536), 20);
    expect(heard).toContain('HTTP/1.1 413');
    expect(heard).toContain('"code":"request_too_large"');
  });

  it('S-16: refuses what has no length, when it has become too large', async () => {
    const start = `${head(key, 0).replace('content-length: 0', 'transfer-encoding: chunked')}\r\n`;
    const heard = await speak(gateway.room.url, start, `100000\r\n${' '.repeat(0x100000)}\r\n`, 40);
    expect(heard).toContain('HTTP/1.1 413');
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', '400'],
    ['endless headers', `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, '431'],
    [
      'two lengths',
      'POST /v1/purchases HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      '400',
    ],
  ])('answers what is no request with a problem: %s', async (_, text, status) => {
    const heard = await speak(gateway.room.url, text, '', 50);
    expect(heard).toContain(`HTTP/1.1 ${status}`);
    expect(heard).toContain('application/problem+json');
  });

  it('believes no address that a stranger claims', async () => {
    const guess = (n: number) =>
      gateway.call(`kz_live_${String(n).padStart(43, 'y')}`, '/v1/program', {
        headers: { 'x-forwarded-for': `192.0.2.${n}` },
      });
    await eventually(async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => guess(n)));
      expect(answers.some(({ status }) => status === 429)).toBe(true);
    });
  });
});

describe('the door behind a proxy', () => {
  it('tells clients apart by what the proxy says', async () => {
    const gateway = await startTestGateway({ TRUSTED_PROXIES: '127.0.0.1,::1' });
    const guess = (n: number, address: string) =>
      gateway.call(`kz_live_${String(n).padStart(43, 'z')}`, '/v1/program', {
        headers: { 'x-forwarded-for': address },
      });
    const of = async (address: string) => {
      const statuses = [];
      for (let n = 0; n < 31; n += 1) statuses.push((await guess(n, address)).status);
      return statuses;
    };
    expect((await of('192.0.2.1')).at(-1)).toBe(429);
    expect((await guess(0, '192.0.2.2')).status).toBe(401);
    await gateway.stop();
  });
});

describe('a door of little patience', () => {
  let gateway: TestGateway;
  let key: string;

  beforeAll(async () => {
    gateway = await startTestGateway({ HEADERS_TIMEOUT_MS: '600', REQUEST_TIMEOUT_MS: '1200' });
    ({ api_key: key } = await gateway.program());
  });
  afterAll(() => gateway.stop());

  it.each<[string, string, string]>([
    ['headers', 'GET /v1/program HTTP/1.1\r\nhost: a\r\n', 'x: y\r\n'],
    ['a body', '', ' '],
  ])('S-16: waits for %s that come drop by drop, and not for ever', async (_, start, drop) => {
    const began = performance.now();
    const heard = await speak(gateway.room.url, start || `${head(key, 10_000)}\r\n{`, drop, 100);
    expect(heard).toContain('HTTP/1.1 408');
    expect(heard).toContain('"code":"request_timeout"');
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('answers many slow ones and a fast one besides', async () => {
    const slow = Array.from({ length: 50 }, () =>
      speak(gateway.room.url, 'GET /v1/program HTTP/1.1\r\n', 'x: y\r\n', 100),
    );
    expect(await gateway.call(key, '/v1/program')).toMatchObject({ status: 200 });
    const heard = await Promise.all(slow);
    expect(heard.every((text) => text.includes('HTTP/1.1 408'))).toBe(true);
  });

  afterEach(async () => {
    expect(await gateway.call(key, '/v1/program')).toMatchObject({ status: 200 });
  });
});
