import { Database } from '@kizuna/database';
import { eventually } from '@kizuna/testing';
import { line, TestCampaigns } from '../../testing/test-campaigns.js';

const at = '2027-04-10T01:00:00.000Z';

interface Purchase {
  readonly awards: readonly { readonly clawback_total: number }[];
  readonly refunds: readonly { readonly over_minor: number }[];
}

describe('reading a purchase', () => {
  let shop: TestCampaigns;
  let owner: Database;

  beforeAll(async () => {
    shop = await TestCampaigns.start(at);
    await shop.hasRule({
      code: 'BASE',
      reward: { kind: 'base_rate', rates: [{ currency: 'JPY', units: 1, per_minor: 100 }] },
    });
    owner = await Database.connect({
      url: shop.room.urls.ownerUrl,
      schema: 'campaigns',
      applicationName: 'test',
    });
  });
  afterAll(async () => {
    await owner?.close();
    await shop?.stop();
  });

  it('tells of one moment: a refund never without what it took back', async () => {
    const path = '/v1/purchases/1001';
    await shop.sends(
      'purchase-events',
      shop.purchase('ann', '1001', at, [line(1_000)]),
      shop.refund('ann', '1001', 'r1', at, { amount_minor: 300 }),
    );
    const told = async (): Promise<unknown> => {
      const { awards, refunds } = await shop.reads<Purchase>(path);
      return [awards.map((award) => award.clawback_total), refunds.map((refund) => refund.over_minor)];
    };
    await eventually(async () => expect(await told()).toEqual([[3], [0]]));

    // Somebody who changes both at once, and lets nobody read the awards until it is done.
    const reading = await owner.transaction(async (tx) => {
      await tx.query('LOCK TABLE award IN ACCESS EXCLUSIVE MODE');
      const begun = told();
      await eventually(async () =>
        expect(
          await owner.query(`SELECT FROM pg_locks WHERE relation = 'award'::regclass AND NOT granted`),
        ).toHaveLength(1),
      );
      await tx.query(`UPDATE refund SET over_minor = 7`);
      await tx.query(`UPDATE award SET clawback_total = 7`);
      return { begun };
    });
    expect([
      [[3], [0]],
      [[7], [7]],
    ]).toContainEqual(await reading.begun);
    expect(await told()).toEqual([[7], [7]]);
  });
});
