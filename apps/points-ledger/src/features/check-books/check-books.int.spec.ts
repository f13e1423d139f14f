import { Database } from '@kizuna/database';
import { points, type Instant } from '@kizuna/kernel';
import { eventually, OPERATOR_SECRET } from '@kizuna/testing';
import { TestLedger, tokyo, type AwardGiven } from '../../testing/test-ledger.js';
import { BooksQuery } from '../../storage/books.query.js';
import { CheckBooksJob } from './check-books.job.js';

const at = tokyo('2027-04-10T10:00:00');
/** Only a turn that a test takes itself. */
const BY_HAND = { SETTLE_INTERVAL_MS: '50', BOOKS_INTERVAL_MS: '3600000', LOG_LEVEL: 'fatal' };

interface Difference {
  readonly program_id: string;
  readonly member_id: string | null;
  readonly law: string;
  readonly expected: string;
  readonly found: string;
  readonly found_at: string;
  readonly healed_at: string | null;
}

describe('the check of the books', () => {
  let ledger: TestLedger;
  let owner: Database;

  beforeAll(async () => {
    ledger = await TestLedger.start(2, BY_HAND);
    owner = await Database.connect({
      url: ledger.room.urls.ownerUrl,
      schema: 'points_ledger',
      applicationName: 'test',
    });
    await ledger.settings(at);
    // One of everything that moves a wallet.
    const granted = (given: Partial<AwardGiven>): AwardGiven => ({
      member: 'ann',
      ref: '1',
      amount: 54,
      at,
      ...given,
    });
    const spent = granted({ member: 'bob', ref: '2', amount: 100 });
    await ledger.receives(
      ledger.granted(granted({})),
      ledger.granted(granted({ ref: '3', amount: 20, releaseAt: (at + 9e9) as Instant })),
      ledger.granted(spent),
      ledger.granted(granted({ member: 'cat', ref: '4', amount: 7, expiresAt: (at + 1e6) as Instant })),
    );
    await ledger.reaches('bob', [0, 100, 0, 0]);
    const order = { redemption_id: 'gift', member_id: 'bob', wallet: 'points', units: points(80) };
    expect((await ledger.redeem(order)).status).toBe(201);
    await ledger.receives(ledger.clawedBack(spent, 50, at));
    await ledger.reaches('bob', [0, 0, 0, 30]);
    await ledger.advance((at + 2e6) as Instant);
    await ledger.reaches('cat', [0, 0, 0, 0]);
    await ledger.reaches('ann', [20, 54, 0, 0]);
  });

  afterAll(async () => {
    await owner?.close();
    await ledger?.stop();
  });

  /** Every instance asks; whoever has the turn goes over everything. */
  const check = async (): Promise<void> => {
    await owner.query('UPDATE books_check SET next_run_at = now()');
    const taken = await Promise.all(ledger.rooms.map(({ app }) => app.get(CheckBooksJob).takeTurn()));
    expect(taken.filter(Boolean)).toHaveLength(1);
  };

  const read = async (query = ''): Promise<{ items: Difference[] } & Record<string, unknown>> => {
    const answer = await ledger.room.get(`/internal/books${query}`, `Bearer ${OPERATOR_SECRET}`);
    expect(answer.status).toBe(200);
    return answer.body as { items: Difference[] } & Record<string, unknown>;
  };
  const found = async (query = ''): Promise<unknown[]> =>
    (await read(query)).items.map(({ member_id, law }) => [member_id, law]);

  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${ledger.room.internalUrl}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(name));
    return Number(line?.split(' ').at(-1));
  };

  it('finds nothing where nothing is wrong, and says what it has seen', async () => {
    await check();
    expect(await read()).toMatchObject({ items: [], next_cursor: null, last_pass: { wallets: 3 } });
    expect(await metric('kizuna_books_differences{law="figures_are_lots"')).toBe(0);
    expect(await metric('kizuna_books_differences{law="transfers_sum_to_zero"')).toBe(0);
    expect(await metric('kizuna_books_since_last_pass_seconds')).toBeLessThan(60);
    expect(await read('?state=healed')).toMatchObject({ items: [] });
  });

  it.each([
    [
      'a raised balance',
      `UPDATE wallet SET available = available + 1 WHERE member_id = 'ann'`,
      `UPDATE wallet SET available = available - 1 WHERE member_id = 'ann'`,
      [
        [null, 'transfers_sum_to_zero'],
        ['ann', 'figures_are_lots'],
        ['ann', 'figures_are_transfers'],
      ],
    ],
    [
      'a wallet that is gone',
      `WITH gone AS (DELETE FROM wallet WHERE member_id = 'ann' RETURNING *)
       INSERT INTO kept SELECT * FROM gone`,
      'INSERT INTO wallet SELECT * FROM kept',
      [[null, 'transfers_sum_to_zero']],
    ],
    [
      'a lot that was filled up',
      `UPDATE lot SET remaining = remaining + 1 WHERE member_id = 'bob'`,
      `UPDATE lot SET remaining = remaining - 1 WHERE member_id = 'bob'`,
      [['bob', 'figures_are_lots']],
    ],
    [
      'a transfer with another amount',
      `UPDATE transfer SET amount = amount + 1 WHERE member_id = 'cat' AND kind = 'award'`,
      `UPDATE transfer SET amount = amount - 1 WHERE member_id = 'cat' AND kind = 'award'`,
      [['cat', 'figures_are_transfers']],
    ],
    [
      'a transfer with another number',
      `UPDATE transfer SET seq = 7 WHERE member_id = 'cat' AND kind = 'expiry'`,
      `UPDATE transfer SET seq = 2 WHERE member_id = 'cat' AND kind = 'expiry'`,
      [['cat', 'transfers_are_numbered']],
    ],
    [
      'a system account that was moved',
      `UPDATE system_account_delta SET amount = amount + 5 WHERE account = 'redeemed'`,
      `UPDATE system_account_delta SET amount = amount - 5 WHERE account = 'redeemed'`,
      [[null, 'transfers_sum_to_zero']],
    ],
  ])('finds %s, and that it was set right', async (_, tamper, mend, laws) => {
    // What no role of the service may do, and a trigger refuses its owner too.
    await owner.query('ALTER TABLE transfer DISABLE TRIGGER transfer_is_immutable');
    await owner.query('CREATE TABLE IF NOT EXISTS kept (LIKE wallet)');
    await owner.query(tamper);
    await check();
    expect(await found()).toEqual(laws);
    const first = (await read()).items[0];
    expect(first).toMatchObject({ program_id: ledger.program, healed_at: null });
    expect(first?.expected).not.toBe(first?.found);

    // It stays the one that was found first.
    await check();
    expect((await read()).items[0]?.found_at).toBe(first?.found_at);
    const [[, law] = []] = laws;
    expect(await metric(`kizuna_books_differences{law="${law}"`)).toBe(1);

    await owner.query(mend);
    await check();
    expect(await found()).toEqual([]);
    expect(await found('?state=healed')).toEqual(expect.arrayContaining(laws));
    expect(await metric(`kizuna_books_differences{law="${law}"`)).toBe(0);
    await owner.query('DROP TABLE kept');
    await owner.query('ALTER TABLE transfer ENABLE TRIGGER transfer_is_immutable');
  });

  it('says nothing of sums that a stop breaks off', async () => {
    const query = ledger.room.app.get(BooksQuery);
    let asked = 0;
    expect(await query.programs(() => (asked += 1) > 1)).toBeUndefined();
    expect(await query.programs(() => false)).toHaveLength(1);
  });

  it('pages what it found, and answers nobody without the secret of the operator', async () => {
    await owner.query('UPDATE wallet SET held = held + 1');
    await check();
    const first = await read('?limit=2');
    const second = await read(`?limit=2&cursor=${String(first['next_cursor'])}`);
    expect([...first.items, ...second.items].map(({ member_id }) => member_id)).toEqual([
      null,
      'ann',
      'bob',
      'cat',
    ]);
    await owner.query('UPDATE wallet SET held = held - 1');
    await check();
    const operator = `Bearer ${OPERATOR_SECRET}`;
    expect((await ledger.room.get('/internal/books?state=lost', operator)).status).toBe(400);
    expect((await ledger.room.get('/internal/books?cursor=abc.def', operator)).status).toBe(400);
    expect((await ledger.room.get('/internal/books', 'Bearer wrong')).status).toBe(401);
  });
});

describe('the check of many wallets', () => {
  it('goes on where the turn before ended, by itself, on whichever instance', async () => {
    const ledger = await TestLedger.start(2, {
      BOOKS_INTERVAL_MS: '200',
      BOOKS_BUDGET_MS: '0',
      LOG_LEVEL: 'fatal',
    });
    await ledger.settings(at);
    await ledger.receives(
      ...Array.from({ length: 1_200 }, (_, i) =>
        ledger.granted({ member: `m${String(i).padStart(4, '0')}`, ref: String(i), amount: 5, at }),
      ),
    );
    await ledger.reaches('m1199', [0, 5, 0, 0]);
    const owner = await Database.connect({
      url: ledger.room.urls.ownerUrl,
      schema: 'points_ledger',
      applicationName: 'test',
    });
    const seen = new Set<string>();
    await eventually(async () => {
      const [row] = await owner.query<{ pass_wallets: string; last_pass_wallets: string }>(
        'SELECT pass_wallets, last_pass_wallets FROM books_check',
      );
      seen.add(String(row?.pass_wallets));
      expect(Number(row?.last_pass_wallets)).toBe(1_200);
      expect([...seen]).toEqual(expect.arrayContaining(['500', '1000']));
    });
    // One that the walk has passed is found by the next pass, far into it too.
    await owner.query(`UPDATE lot SET remaining = 4 WHERE member_id = 'm0700'`);
    await eventually(async () =>
      expect(
        await owner.query('SELECT member_id, law FROM books_difference WHERE healed_at IS NULL'),
      ).toEqual([{ member_id: 'm0700', law: 'figures_are_lots' }]),
    );
    await owner.close();
    await ledger.stop();
  });

  it('goes on in smaller steps where a step takes longer than a statement may', async () => {
    const ledger = await TestLedger.start(1, {
      BOOKS_INTERVAL_MS: '3600000',
      BOOKS_BUDGET_MS: '60000',
      LOG_LEVEL: 'fatal',
    });
    await ledger.settings(at);
    await ledger.receives(
      ...Array.from({ length: 600 }, (_, i) =>
        ledger.granted({ member: `m${i}`, ref: String(i), amount: 5, at }),
      ),
    );
    for (let i = 0; i < 600; i++) await ledger.reaches(`m${i}`, [0, 5, 0, 0]);
    const owner = await Database.connect({
      url: ledger.room.urls.ownerUrl,
      schema: 'points_ledger',
      applicationName: 'test',
    });
    // A slow disk.
    await owner.query(`CREATE POLICY slowly ON lot USING (pg_sleep(0.013)::text = '')`);
    await owner.query('ALTER TABLE lot ENABLE ROW LEVEL SECURITY');
    const turn = async (): Promise<boolean> => {
      await owner.query('UPDATE books_check SET next_run_at = now()');
      return ledger.room.app.get(CheckBooksJob).takeTurn();
    };
    await expect(turn()).rejects.toThrow('statement timeout');
    expect(await turn()).toBe(true);
    expect(await owner.query('SELECT last_pass_wallets FROM books_check')).toEqual([
      { last_pass_wallets: '600' },
    ]);
    await owner.close();
    await ledger.stop();
  }, 60_000);
});
