import type { ProgramSettings } from '@kizuna/contracts';
import { deterministicId, formatInstant, instant, memberKey, type Instant } from '@kizuna/kernel';
import {
  createTopics,
  eventually,
  startRoom,
  TestKeySet,
  uniqueName,
  type TestRoom,
  type TestTopics,
} from '@kizuna/testing';
import { migrations } from '../migrations/index.js';
import { pointsLedger } from '../points-ledger.module.js';

export interface AwardGiven {
  readonly member: string;
  readonly ref: string;
  readonly amount: number;
  readonly at: Instant;
  readonly releaseAt?: Instant | undefined;
  readonly expiresAt?: Instant | undefined;
  readonly wallet?: string;
  readonly origin?: 'purchase' | 'engagement';
  readonly ruleLabelJa?: string;
}

interface Message {
  readonly key: string;
  readonly value: string;
}

const PROGRAM_NAMES = 'program';

const DISAGREEMENTS = [
  `SELECT w.member_id, w.wallet, w.pending, w.available, w.held, w.debt, w.seq, l.*, t.*
   FROM wallet w
   LEFT JOIN LATERAL (
     SELECT coalesce(sum(remaining) FILTER (WHERE is_pending), 0) AS waiting,
            coalesce(sum(remaining) FILTER (WHERE NOT is_pending), 0) AS usable
     FROM lot l WHERE (l.program_id, l.member_id, l.wallet) = (w.program_id, w.member_id, w.wallet)) l ON true
   LEFT JOIN LATERAL (
     SELECT sum(CASE credit WHEN 'pending' THEN amount ELSE 0 END - CASE debit WHEN 'pending' THEN amount ELSE 0 END) AS p,
            sum(CASE credit WHEN 'available' THEN amount ELSE 0 END - CASE debit WHEN 'available' THEN amount ELSE 0 END) AS a,
            sum(CASE debit WHEN 'debt' THEN amount ELSE 0 END - CASE credit WHEN 'debt' THEN amount ELSE 0 END) AS d,
            count(*) AS transfers, count(DISTINCT seq) AS seqs, max(seq) AS last
     FROM transfer t WHERE (t.program_id, t.member_id, t.wallet) = (w.program_id, w.member_id, w.wallet)) t ON true
   WHERE (w.pending, w.available) IS DISTINCT FROM (l.waiting, l.usable)
      OR (w.pending, w.available, w.debt) IS DISTINCT FROM (t.p, t.a, t.d)
      OR (t.transfers, t.seqs, t.last) IS DISTINCT FROM (w.seq, w.seq, w.seq)`,
  `SELECT l.lot_id, l.amount, l.remaining, l.redeemed, l.expired, l.debt_offset, t.*
   FROM lot l
   LEFT JOIN LATERAL (
     SELECT coalesce(sum(amount) FILTER (WHERE kind = 'clawback' AND debit IN ('pending', 'available')), 0) AS taken,
            coalesce(sum(amount) FILTER (WHERE kind = 'expiry'), 0) AS lapsed,
            coalesce(sum(amount) FILTER (WHERE kind = 'debt_offset'), 0) AS paid
     FROM transfer t
     WHERE (t.program_id, t.member_id, t.wallet, t.lot_id) = (l.program_id, l.member_id, l.wallet, l.lot_id)) t ON true
   LEFT JOIN (
     SELECT s.lot_id, sum(s.units) AS spent
     FROM redemption r CROSS JOIN LATERAL jsonb_to_recordset(r.split) AS s (lot_id uuid, units bigint) GROUP BY 1) r
     ON r.lot_id = l.lot_id
   WHERE (l.expired, l.debt_offset, l.redeemed, l.amount - l.remaining) IS DISTINCT FROM
         (t.lapsed, t.paid, coalesce(r.spent, 0), t.taken + t.lapsed + t.paid + coalesce(r.spent, 0))`,
  `SELECT sum(amount) AS not_zero FROM (
     SELECT pending + available + held - debt AS amount FROM wallet
     UNION ALL SELECT amount FROM system_account_delta) AS accounts HAVING sum(amount) <> 0`,
];

/** Instances of the room over one database, and what the other rooms would tell them. */
export class TestLedger {
  private revision = 0;

  private constructor(
    readonly topics: TestTopics,
    readonly keys: TestKeySet,
    readonly rooms: readonly TestRoom[],
    readonly program: string,
  ) {}

  static async start(
    instances = 1,
    environment: Readonly<Record<string, string>> = { SETTLE_INTERVAL_MS: '50' },
  ): Promise<TestLedger> {
    const keys = await TestKeySet.start();
    const topics = await createTopics('gateway', 'campaigns', 'points-ledger');
    const options = { migrations, topics, environment: { JWKS_URL: keys.url, ...environment } };
    const first = await startRoom(pointsLedger, options);
    const rooms = [first];
    while (rooms.length < instances)
      rooms.push(await startRoom(pointsLedger, { ...options, shared: first.urls }));
    return new TestLedger(topics, keys, rooms, uniqueName(PROGRAM_NAMES));
  }

  async stop(): Promise<void> {
    for (const room of [...this.rooms].reverse()) await room.stop();
    await this.keys.stop();
  }

  get room(): TestRoom {
    const [first] = this.rooms;
    if (!first) throw new Error('a ledger has an instance');
    return first;
  }

  /** Another program of the same installation. */
  another(): TestLedger {
    return new TestLedger(this.topics, this.keys, this.rooms, uniqueName(PROGRAM_NAMES));
  }

  /** Publishes settings and waits until the room has them. @returns their revision */
  async settings(clockAt: Instant, given: Partial<ProgramSettings> = {}): Promise<number> {
    this.revision += 1;
    const data: ProgramSettings = {
      program_id: this.program,
      revision: this.revision,
      name: 'Komorebi',
      mode: 'test',
      time_zone: 'Asia/Tokyo',
      currency: 'JPY',
      wallets: [{ wallet: 'points', unit_value: { currency: 'JPY', minor: 1, units: 1 } }],
      rounding: 'floor',
      earn_net_of_tax: true,
      late_window_days: 30,
      max_award: 1_000_000,
      starts_at: '2027-01-01T00:00:00Z',
      clock_at: formatInstant(clockAt),
      ...given,
    };
    const value = JSON.stringify({
      specversion: '1.0',
      id: `settings:${this.program}:${this.revision}`,
      source: '/gateway',
      type: 'kizuna.program.settings-changed.v1',
      time: '2027-01-01T00:00:00Z',
      program: this.program,
      data,
    });
    await this.topics.produce('program-settings', [{ key: this.program, value }]);
    await eventually(async () => {
      const { body } = await this.get('/v1/clock');
      expect(body).toMatchObject({ settings_revision: this.revision });
    });
    return this.revision;
  }

  /** Moves the clock and waits until everything that became due is posted. */
  async advance(clockAt: Instant, given: Partial<ProgramSettings> = {}): Promise<void> {
    await this.settings(clockAt, given);
    await this.settled();
  }

  async settled(): Promise<void> {
    await eventually(async () => {
      const { body } = await this.get('/v1/clock');
      expect(body).toMatchObject({ settled: true });
    });
  }

  awardId({ member, ref }: Pick<AwardGiven, 'member' | 'ref'>, at: Instant): string {
    return deterministicId(at, this.program, member, ref);
  }

  granted(given: AwardGiven): Message {
    const { member, ref, amount, at, releaseAt, expiresAt, wallet = 'points', origin = 'purchase' } = given;
    const { ruleLabelJa } = given;
    const id = this.awardId(given, at);
    return this.message(member, `award:${id}`, 'kizuna.award.granted.v1', at, {
      award_id: id,
      kind: origin,
      business_ref: ref,
      rule: 'BASE',
      rule_label: 'Base points',
      ...(ruleLabelJa === undefined ? {} : { rule_label_ja: ruleLabelJa }),
      rule_version: 1,
      wallet,
      amount,
      origin,
      funding: 'brand',
      release_at: releaseAt === undefined ? null : formatInstant(releaseAt),
      expires_at: expiresAt === undefined ? null : formatInstant(expiresAt),
    });
  }

  clawedBack(
    given: AwardGiven,
    total: number,
    at: Instant,
    { refund = 'r1', policy = 'negative' }: { readonly refund?: string; readonly policy?: string } = {},
  ): Message {
    const id = this.awardId(given, given.at);
    return this.message(given.member, `clawback:${id}:${refund}`, 'kizuna.award.clawed-back.v1', at, {
      award_id: id,
      wallet: given.wallet ?? 'points',
      clawback_total: total,
      refund_id: refund,
      business_ref: given.ref,
      policy,
    });
  }

  /** Sends award events and waits until the last award of each member that is among them is there. */
  async receives(...messages: readonly Message[]): Promise<void> {
    await this.topics.produce('award-events', messages);
  }

  async get(path: string, programId = this.program, scopes?: readonly string[]) {
    return this.room.get(path, await this.keys.authorization(programId, 'points-ledger', scopes));
  }

  async figures(member: string, wallet = 'points'): Promise<number[]> {
    const { body } = await this.get(`/v1/members/${member}/wallets/${wallet}`);
    const { pending, available, held, debt } = body as Record<string, number>;
    return [pending ?? NaN, available ?? NaN, held ?? NaN, debt ?? NaN];
  }

  async reaches(member: string, figures: readonly number[], wallet = 'points'): Promise<void> {
    await eventually(async () => expect(await this.figures(member, wallet)).toEqual(figures));
  }

  async redeem(body: object, { instance = 0, programId = this.program } = {}) {
    const authorization = await this.keys.authorization(programId, 'points-ledger');
    const room = this.rooms[instance % this.rooms.length] ?? this.room;
    return room.post('/v1/redemptions', authorization, body);
  }

  /** What must never be found, whatever happened: the laws of the ledger, over everything in its database. */
  async disagreements(): Promise<unknown[]> {
    const found = await Promise.all(DISAGREEMENTS.map((sql) => this.room.database.query(sql)));
    return found.flat();
  }

  private message(member: string, id: string, type: string, at: Instant, data: object): Message {
    return {
      key: memberKey(this.program, member),
      value: JSON.stringify({
        specversion: '1.0',
        id,
        source: '/campaigns',
        type,
        time: formatInstant(at),
        subject: member,
        program: this.program,
        data: {
          program_id: this.program,
          member_id: member,
          sequence: 1,
          occurred_at: formatInstant(at),
          ...data,
        },
      }),
    };
  }
}

export const tokyo = (text: string): Instant => instant(`${text}+09:00`);
