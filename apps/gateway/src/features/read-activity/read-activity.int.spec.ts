import type { ServerResponse } from 'node:http';
import { startTestGateway, type Answer, type TestGateway } from '../../testing/test-gateway.js';
import { startTestUpstream, type TestUpstream } from '../../testing/test-upstream.js';

interface Item {
  readonly at: string;
  readonly kind: string;
  readonly id: string;
}

const item = (at: string, kind: string, id: string): Item => ({ at: `2027-04-${at}:00.000Z`, kind, id });

describe('the activity of a member', () => {
  let campaigns: TestUpstream;
  let ledger: TestUpstream;
  let gateway: TestGateway;
  let key: string;

  beforeAll(async () => {
    [campaigns, ledger] = await Promise.all([startTestUpstream(), startTestUpstream()]);
    gateway = await startTestGateway({ CAMPAIGNS_URL: campaigns.url, POINTS_LEDGER_URL: ledger.url });
  });
  beforeEach(async () => {
    ({ api_key: key } = await gateway.program());
    for (const room of [campaigns, ledger]) room.requests.length = 0;
    gives(campaigns, bought);
    gives(ledger, moved);
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([campaigns.stop(), ledger.stop()]);
  });

  const bought = [
    item('12T09:00', 'engagement', 'review-1'),
    item('10T12:00', 'award', 'a'),
    item('10T12:00', 'purchase', 'A-1'),
  ];
  const moved = [
    item('25T00:00', 'transfer', 't-3'),
    item('12T09:00', 'transfer', 't-2'),
    item('10T12:00', 'transfer', 't-1'),
    item('01T00:00', 'refused_redemption', 'r-1'),
  ];
  const everything = [
    { ...moved[0], source: 'points-ledger' },
    { ...bought[0], source: 'campaigns' },
    { ...moved[1], source: 'points-ledger' },
    { ...bought[1], source: 'campaigns' },
    { ...bought[2], source: 'campaigns' },
    { ...moved[2], source: 'points-ledger' },
    { ...moved[3], source: 'points-ledger' },
  ];

  const gives = (room: TestUpstream, items: readonly Item[]): void => {
    room.answer = (response: ServerResponse) => {
      const { searchParams } = new URL(room.requests.at(-1)?.url ?? '', room.url);
      const from = Number(searchParams.get('before') ?? 0);
      const to = from + Number(searchParams.get('limit'));
      const next = to < items.length ? { next: String(to) } : {};
      const body = JSON.stringify({ items: items.slice(from, to), ...next });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    };
  };
  const read = (query = '', credential = key): Promise<Answer> =>
    gateway.call(credential, `/v1/members/ann/activity${query}`);
  const pages = async (limit: number): Promise<unknown[][]> => {
    const read_: unknown[][] = [];
    let cursor: unknown;
    do {
      const { body } = await read(`?limit=${limit}${cursor ? `&cursor=${String(cursor)}` : ''}`);
      read_.push(body['items'] as unknown[]);
      cursor = body['next_cursor'];
    } while (cursor);
    return read_;
  };

  it('is merged by time, with where each item comes from', async () => {
    const { status, body } = await read();
    expect([status, body]).toEqual([200, { items: everything, next_cursor: null }]);
    expect(campaigns.requests).toMatchObject([{ url: '/v1/members/ann/activity?limit=50' }]);
  });

  it.each([1, 2, 3, 6])('is the same in pages of %d', async (limit) => {
    const read_ = await pages(limit);
    expect(read_.flat()).toEqual(everything);
    expect(read_.slice(0, -1).every((page) => page.length === limit)).toBe(true);
  });

  it('goes on when one room has no more, without asking it again', async () => {
    const first = await read('?limit=5');
    expect(first.body['items']).toEqual(everything.slice(0, 5));
    campaigns.requests.length = 0;
    const second = await read(`?limit=5&cursor=${String(first.body['next_cursor'])}`);
    expect(second.body).toEqual({ items: everything.slice(5), next_cursor: null });
    expect(campaigns.requests).toEqual([]);
  });

  it('is empty of somebody unknown', async () => {
    gives(campaigns, []);
    gives(ledger, []);
    expect((await read()).body).toEqual({ items: [], next_cursor: null });
  });

  it('refuses a cursor that is foreign or altered, and limits beyond the limit', async () => {
    const { body } = await read('?limit=2');
    const cursor = String(body['next_cursor']);
    const other = await gateway.program();
    const altered = `${cursor.startsWith('A') ? 'B' : 'A'}${cursor.slice(1)}`;
    for (const refused of [
      read(`?cursor=${altered}`),
      read(`?cursor=${cursor}x`),
      read('?cursor=W10.abc'),
      read(`?cursor=${cursor}`, other.api_key),
      gateway.call(key, `/v1/members/bob/activity?cursor=${cursor}`),
      read('?limit=1000000'),
      read('?limit=0'),
    ])
      expect(await refused).toMatchObject({ status: 400 });
  });

  it('is not told in part when a room is away', async () => {
    ledger.answer = (response) => response.socket?.destroy();
    expect(await read()).toMatchObject({ status: 503, body: { code: 'upstream_unavailable' } });
    ledger.answer = (response) => response.writeHead(500).end();
    expect(await read()).toMatchObject({ status: 503, body: { code: 'upstream_unavailable' } });
  });
});
