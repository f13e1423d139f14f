import { eventually } from '@kizuna/testing';
import { line, TestCampaigns } from '../../testing/test-campaigns.js';

interface Status {
  readonly state: string;
  readonly awards: readonly { rule: string; amount: number; release_at: string | null }[];
  readonly no_awards: readonly { rule: string; reason?: string; text: { en: string } }[];
  readonly conflicts: readonly { event_id: string }[];
}

describe('engagements', () => {
  let shop: TestCampaigns;

  beforeAll(async () => {
    shop = await TestCampaigns.start('2027-05-10T00:00:00+09:00', {
      return_window_days: 14,
      max_award: 1_000,
    });
    await shop.hasRule({
      code: 'REVIEW',
      label: 'Thanks for your review',
      trigger: 'engagement',
      activity: 'review',
      cap: { awards: 3 },
      reward: { kind: 'fixed', units: 30 },
      line_filter: undefined,
    });
    await shop.hasRule({
      code: 'LONG',
      trigger: 'engagement',
      activity: 'review',
      conditions: [{ label: 'at least 100 characters', expression: 'engagement.attributes.length >= 100' }],
      reward: { kind: 'fixed', units: 5 },
      line_filter: undefined,
    });
    await shop.hasRule({
      code: 'JACKPOT',
      trigger: 'engagement',
      activity: 'jackpot',
      reward: { kind: 'fixed', units: 5_000 },
      line_filter: undefined,
    });
  });
  afterAll(() => shop?.stop());

  const status = (id: string): Promise<Status> => shop.reads(`/v1/engagements/${id}`);
  const april = (day: number): string => `2027-04-${String(day).padStart(2, '0')}T10:00:00+09:00`;

  it('E17 gives three a month, in the program’s month', async () => {
    await shop.sends(
      'engagement-events',
      ...[11, 12, 13, 14].map((day) => shop.engagement('ann', `a${day}`, 'review', april(day))),
      shop.engagement('ann', 'a-may', 'review', '2027-04-30T15:30:00Z'),
    );
    await status('a-may');
    const all = await Promise.all(['a11', 'a12', 'a13', 'a14', 'a-may'].map(status));
    expect(all.map(({ awards }) => awards.map(({ amount }) => amount))).toEqual([[30], [30], [30], [], [30]]);
    expect(all[3]?.no_awards.find(({ rule }) => rule === 'REVIEW')).toMatchObject({
      reason: 'cap_reached',
      text: { en: "Thanks for your review: nothing, because the month's limit of 3 awards is used up." },
    });
    expect(all[0]?.awards[0]?.release_at).toBeNull();
    expect(all[0]?.no_awards.find(({ rule }) => rule === 'LONG')).toMatchObject({ reason: 'rule_failed' });
  });

  it('counts a rule that fails at run time once per decision, repetitions not', async () => {
    const counted = async (): Promise<number> => {
      const text = await (await fetch(`${shop.room.internalUrl}/metrics`)).text();
      return Number(
        /^kizuna_rule_failed_total\{trigger="engagement",room="campaigns"\} (\d+)$/m.exec(text)?.[1],
      );
    };
    const before = await counted();
    const failing = shop.engagement('carol', 'c1', 'review', april(11));
    const sound = shop.engagement('carol', 'c2', 'review', april(12), { length: 7 });
    await shop.sends('engagement-events', failing, failing, sound);
    await shop.sends('engagement-events', failing, shop.engagement('carol', 'c3', 'survey', april(13)));
    await status('c3');
    expect((await counted()) - before).toBe(1);
  });

  it('say that no rule was there to ask', async () => {
    await shop.sends('engagement-events', shop.engagement('eve', 'dance-1', 'dance', april(11)));
    expect(await status('dance-1')).toMatchObject({
      awards: [],
      no_awards: [{ reason: 'no_rule_for_activity', text: { en: expect.stringContaining('activity') } }],
    });
    await shop.sends('purchase-events', shop.purchase('eve', 'no-rule', april(20), [line(1980)]));
    expect(await shop.reads('/v1/purchases/no-rule')).toMatchObject({
      state: 'decided',
      no_awards: [{ reason: 'no_rule_in_force', text: { en: expect.stringContaining('No rule') } }],
    });
  });

  it('awards an engagement once, however often it arrives, and records other content as a conflict', async () => {
    const one = shop.engagement('bob', 'b1', 'review', april(11), { length: 120 });
    await shop.sends('engagement-events', one, one);
    await shop.sends(
      'engagement-events',
      one,
      shop.engagement('bob', 'b1', 'review', april(11), { length: 7 }),
      shop.engagement('bob', 'b1', 'review', april(11), { length: 7 }),
      shop.engagement('bob', 'b2', 'survey', april(11)),
    );
    expect(await status('b2')).toMatchObject({ state: 'decided', awards: [] });
    expect(await status('b1')).toMatchObject({
      awards: [
        { rule: 'LONG', amount: 5 },
        { rule: 'REVIEW', amount: 30 },
      ],
      conflicts: [{ event_id: 'engagement:b1' }],
    });
    const events = await eventually(async () => {
      const all = await shop.published('bob');
      expect(all).toHaveLength(2);
      return all;
    });
    expect(
      events.map(({ data }) => [data['kind'], data['origin'], data['business_ref'], data['rule']]),
    ).toEqual([
      ['engagement', 'engagement', 'b1', 'LONG'],
      ['engagement', 'engagement', 'b1', 'REVIEW'],
    ]);
  });

  it('gives an engagement to one member, whichever lane is faster', async () => {
    const rivals = Array.from({ length: 24 }, (_, i) => `rival${i}`);
    await Promise.all(
      rivals.map((member, i) =>
        shop.sends(
          'engagement-events',
          shop.engagement(member, `d${i % 4}`, 'review', april(11)),
          shop.engagement(member, `own-${member}`, 'survey', april(11)),
        ),
      ),
    );
    for (const member of rivals) await status(`own-${member}`);
    const awards = await shop.room.database.query<{ business_ref: string }>(
      `SELECT business_ref FROM award WHERE kind = 'engagement' AND rule = 'REVIEW' AND business_ref ~ '^d[0-3]$'`,
    );
    expect(awards.map(({ business_ref }) => business_ref).sort()).toEqual(['d0', 'd1', 'd2', 'd3']);
    expect((await status('d0')).conflicts).toHaveLength(5);
  });

  it('puts a late one, and one above the limit, under review', async () => {
    await shop.sends(
      'engagement-events',
      shop.engagement('eve', 'late', 'review', '2027-03-01T10:00:00+09:00'),
      shop.engagement('eve', 'large', 'jackpot', april(11)),
    );
    expect(await status('late')).toMatchObject({
      state: 'review',
      awards: [],
      no_awards: [{ reason: 'review_late' }],
    });
    expect(await status('large')).toMatchObject({
      state: 'review',
      awards: [],
      review_reason: 'amount_over_limit',
    });
  });

  it('shows nothing of another program', async () => {
    const answer = await shop.room.get('/v1/engagements/a11', await shop.stranger());
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_known_yet' } });
  });
});
