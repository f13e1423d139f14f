import { eventually, uniqueName } from '@kizuna/testing';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { runProgram, type ProgramResult } from '../local/rooms.js';
import { forgedCall, gatewayKey, type Call } from './forged-call.js';
import type { Shop } from './shop.js';
import { REPOSITORY, useStory, type Story } from './story.js';

const ORDER = {
  lines: [
    { sku: 'MATCHA', unit_price_minor: 1_980 },
    { sku: 'CUPS', unit_price_minor: 3_500 },
  ],
};

interface Asked {
  readonly status: number;
  readonly code: unknown;
  readonly retryAfter: string | null;
}

/** One plain request, with whatever credential. */
async function ask(url: string, bearer?: string, body?: unknown): Promise<Asked> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { code } = (await response.json()) as { code?: unknown };
  return { status: response.status, code, retryAfter: response.headers.get('retry-after') };
}

describe('a shop and the running services', () => {
  let story: Story;
  let tea: Shop;
  let other: Shop;

  useStory(async (started) => {
    story = started;
    tea = await story.program('tea');
    other = await story.program('other');
    await tea.earns('BASE', 1, 100);
    await other.earns('OTHER', 1, 100);
  });

  const front = (path: string, bearer?: string, body?: unknown): Promise<Asked> =>
    ask(`${story.local.urls.gateway}${path}`, bearer, body);

  describe('an order', () => {
    it('earns once, however often it is sent', async () => {
      const order = { order_id: 'thrice', member_id: 'ann', ...ORDER };
      const answers = [await tea.buys(order), await tea.buys(order), await tea.buys(order)];
      await story.settled();

      expect(answers.map(({ body }) => (body as { event_id: string }).event_id)).toEqual(
        Array(3).fill('purchase:thrice'),
      );
      expect(await tea.awards('thrice')).toEqual({ BASE: 54 });
      expect(await tea.wallet('ann')).toEqual([0, 54, 0, 0]);
      expect((await tea.decided('thrice')).conflicts).toEqual([]);
    });

    it('keeps its first content: another one under its id is shown as a conflict and changes nothing', async () => {
      const order = { order_id: 'changed', member_id: 'ben', ...ORDER };
      await tea.buys(order);
      await tea.buys({ ...order, lines: [{ sku: 'TEAPOT', unit_price_minor: 680_000 }] });
      await story.settled();

      const { conflicts } = await tea.decided('changed');
      expect(conflicts).toEqual([expect.objectContaining({ event_id: 'purchase:changed' })]);
      expect(await tea.awards('changed')).toEqual({ BASE: 54 });
      expect(await tea.wallet('ben')).toEqual([0, 54, 0, 0]);
    });

    it('is awaited by a refund that came first, and loses what was refunded when it comes', async () => {
      await tea.refunds('late', { refund_id: 'early', member_id: 'cho', amount_minor: 2_740 });
      await eventually(async () =>
        expect(await tea.purchase('late')).toMatchObject({
          state: 'awaited',
          refunds: [{ state: 'waiting' }],
        }),
      );

      await tea.buys({ order_id: 'late', member_id: 'cho', ...ORDER });
      await story.settled();

      expect((await tea.decided('late')).refunds).toMatchObject([{ refund_id: 'early', state: 'applied' }]);
      expect(await tea.wallet('cho')).toEqual([0, 54 - 27, 0, 0]);
    });

    it('of a guest is decided without an award', async () => {
      await tea.buys({ order_id: 'guest', member_id: null, ...ORDER });

      expect(await tea.decided('guest')).toMatchObject({
        member_id: null,
        awards: [],
        no_awards: [{ reason: 'guest' }],
      });
    });

    it('that nobody has sent is not known yet, and may be asked for again', async () => {
      const unknown = await front('/v1/purchases/never-sent', tea.client.apiKey);
      expect(unknown).toEqual({ status: 404, code: 'not_known_yet', retryAfter: '1' });
    });
  });

  describe('the transfers of a wallet', () => {
    it('sum to its balance', async () => {
      for (const order_id of ['sum-1', 'sum-2']) await tea.buys({ order_id, member_id: 'dan', ...ORDER });
      await tea.refunds('sum-1', { refund_id: 'r1', member_id: 'dan', amount_minor: 1_370 });
      await tea.refunds('sum-1', { refund_id: 'r2', member_id: 'dan', full: true });
      await story.settled();

      const { body } = await tea.client.request('GET', '/v1/members/dan/wallets/points/transfers');
      const { items } = body as { items: { debit: string; credit: string; amount: number; kind: string }[] };
      const net = items.reduce(
        (sum, { debit, credit, amount }) =>
          sum + (credit === 'available' ? amount : 0) - (debit === 'available' ? amount : 0),
        0,
      );
      expect(items.map(({ kind }) => kind).sort()).toEqual(['award', 'award', 'clawback', 'clawback']);
      expect(await tea.wallet('dan')).toEqual([0, net, 0, 0]);
      expect(net).toBe(54);
    });
  });

  describe('another program', () => {
    it.each([
      ['an order', '/v1/purchases/secret'],
      ['a member', '/v1/members/eve/wallets'],
      ['a wallet', '/v1/members/eve/wallets/points'],
      ['a rule', '/v1/rules/BASE'],
    ])('finds nothing where the first one has %s', async (_, path) => {
      await tea.buys({ order_id: 'secret', member_id: 'eve', ...ORDER });
      await eventually(async () => expect(await tea.wallet('eve')).toEqual([0, 54, 0, 0]));

      expect(await front(path, tea.client.apiKey)).toMatchObject({ status: 200 });
      expect(await front(path, other.client.apiKey)).toMatchObject({ status: 404 });
    });
  });

  describe('a program that the operator makes', () => {
    const operator = (...options: string[]): Promise<ProgramResult> => {
      const main = join(REPOSITORY, 'tools', 'dist', 'kizuna', 'main.js');
      const program = ['--id', programId, '--name', 'Made', '--currency', 'JPY', '--time-zone', 'Asia/Tokyo'];
      const argv = ['programs', 'create', ...program, '--directory', story.directory, ...options];
      return runProgram(main, { PATH: process.env['PATH'] }, '', argv);
    };
    const programId = uniqueName('made');

    it('opens the front door with the key that is printed, as far as its scopes go', async () => {
      const { code, stdout } = await operator('--scopes', 'settings:read', '--json');
      const created = JSON.parse(stdout) as { api_key: string };

      expect(code).toBe(0);
      expect(created).toMatchObject({ program_id: programId, created: true });
      expect(await front('/v1/program', created.api_key)).toMatchObject({ status: 200 });
      expect(await front('/v1/rules', created.api_key)).toMatchObject({ status: 403 });
    });

    it('gets one more key when it is asked for again, told to a person', async () => {
      const { code, stdout } = await operator();
      const key = stdout.trim().split('\n').at(-1);

      expect(code).toBe(0);
      expect(stdout).toContain(`Program ${programId} was there already, with these settings.`);
      expect(await front('/v1/rules', key)).toMatchObject({ status: 200 });
    });

    it('is not changed by other settings', async () => {
      const { code, stderr } = await operator('--late-window-days', '7');
      expect(code).toBe(1);
      expect(stderr).toContain(`program ${programId} exists with other settings`);
    });

    it('is not made of settings that nobody can have', async () => {
      const { code, stderr } = await operator('--scopes', 'everything');
      expect(code).toBe(2);
      expect(stderr).toContain('key/scopes must be a list of');
    });
  });

  describe('the front door', () => {
    it('lets a key do what its scopes name, and nothing else', async () => {
      const reader = await story.key(tea, ['rules:read']);
      expect(await front('/v1/rules', reader)).toMatchObject({ status: 200 });
      const refused = { status: 403, code: 'missing_scope' };
      expect(await front('/v1/purchases/thrice', reader)).toMatchObject(refused);
      expect(await front('/v1/purchases', reader, {})).toMatchObject(refused);
      expect(await front('/v1/rules', reader, {})).toMatchObject(refused);
    });

    it.each<[string, string | undefined]>([
      ['no key', undefined],
      ['an invented key', `kz_live_${'a'.repeat(43)}`],
    ])('stays closed to %s', async (_, key) => {
      expect(await front('/v1/rules', key)).toMatchObject({ status: 401, code: 'unauthorized' });
    });
  });

  describe.each([
    ['campaigns', '/v1/rules'],
    ['points-ledger', '/v1/members/fay/wallets/points'],
  ] as const)('%s, asked behind the front door', (room, path) => {
    const call = async (change: Partial<Call>, key?: KeyObject): Promise<number> => {
      const real = await gatewayKey(story);
      const bearer = forgedCall(
        { program: tea.programId, audience: room, issuedSecondsAgo: 0, kid: real.kid, ...change },
        key ?? real.key,
      );
      return (await ask(`${story.local.urls[room]}${path}`, bearer)).status;
    };

    it('answers a token of the gateway', async () => {
      await tea.buys({ order_id: `fay-${room}`, member_id: 'fay', ...ORDER });
      await story.settled();
      expect(await call({})).toBe(200);
    });

    it('refuses a token that somebody else has signed', async () => {
      expect(await call({}, generateKeyPairSync('ed25519').privateKey)).toBe(401);
    });

    it.each<[string, Partial<Call>]>([
      ['that has expired', { issuedSecondsAgo: 90 }],
      ['for another service', { audience: 'gateway' }],
      ['of an unknown key', { kid: 'unknown' }],
    ])('refuses a token %s', async (_, change) => {
      expect(await call(change)).toBe(401);
    });

    it('refuses the key of a shop', async () => {
      expect(await ask(`${story.local.urls[room]}${path}`, tea.client.apiKey)).toMatchObject({ status: 401 });
    });
  });
});
