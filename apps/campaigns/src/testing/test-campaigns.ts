import type { EventEnvelope } from '@kizuna/contracts';
import { guestKey, memberKey } from '@kizuna/kernel';
import {
  createTopics,
  eventually,
  startRoom,
  TestKeySet,
  uniqueName,
  type TestRoom,
  type TestTopics,
} from '@kizuna/testing';
import { campaigns } from '../campaigns.module.js';
import { migrations } from '../migrations/index.js';

type Facts = Readonly<Record<string, unknown>>;

export interface Message {
  readonly key: string;
  readonly value: string;
}

/** Campaigns with its own database and topics, and a program in it whose clock stands where a spec says. */
export class TestCampaigns {
  private constructor(
    readonly program: string,
    readonly room: TestRoom,
    readonly topics: TestTopics,
    private readonly keys: TestKeySet,
    private readonly authorization: string,
    /** `received_at` of what is sent. */
    private readonly present: string,
    private revision: number,
  ) {}

  static async start(present: string, settings: Facts = {}): Promise<TestCampaigns> {
    const keys = await TestKeySet.start();
    const topics = await createTopics('gateway', 'campaigns');
    const room = await startRoom(campaigns, { migrations, topics, environment: { JWKS_URL: keys.url } });
    const program = uniqueName('komorebi').slice(0, 40);
    const authorization = await keys.authorization(program, 'campaigns');
    const made = new TestCampaigns(program, room, topics, keys, authorization, present, 0);
    await made.changeSettings(settings);
    return made;
  }

  async stop(): Promise<void> {
    await this.room.stop();
    await this.keys.stop();
  }

  /** Publishes the next revision of the settings and waits until the room has it. */
  async changeSettings(settings: Facts): Promise<void> {
    this.revision += 1;
    const { program, revision } = this;
    const data = {
      program_id: program,
      revision,
      name: 'Komorebi',
      mode: 'test',
      time_zone: 'Asia/Tokyo',
      currency: 'JPY',
      wallets: [{ wallet: 'points' }, { wallet: 'cashback' }],
      rounding: 'floor',
      earn_net_of_tax: true,
      late_window_days: 30,
      max_award: 1_000_000_000,
      starts_at: '2027-01-01T00:00:00.000Z',
      clock_at: this.present,
      ...settings,
    };
    const type = 'kizuna.program.settings-changed.v1';
    await this.topics.produce('program-settings', [
      {
        key: program,
        value: JSON.stringify({ ...this.envelope(`settings:${revision}`, type, this.present), data }),
      },
    ]);
    await eventually(async () =>
      expect(await this.get('/v1/clock')).toMatchObject({
        status: 200,
        body: { settings_revision: revision },
      }),
    );
  }

  /** Enters a rule; the first version of a rule may begin with the program as long as that has had no event. */
  async hasRule(rule: Facts): Promise<void> {
    const whole = {
      label: rule['code'],
      trigger: 'purchase',
      wallet: 'points',
      priority: 0,
      line_filter: {},
      ...rule,
    };
    const { status, body } = await this.post('/v1/rules', whole);
    if (status !== 201) throw new Error(`the rule answers ${status}: ${JSON.stringify(body)}`);
  }

  purchase(
    member: string | null,
    orderId: string,
    occurredAt: string,
    lines: readonly Facts[],
    more: Facts = {},
  ): Message {
    return this.event(
      `purchase:${orderId}`,
      'kizuna.purchase.completed.v1',
      keyOf(this.program, member, orderId),
      occurredAt,
      {
        order_id: orderId,
        member_id: member,
        currency: 'JPY',
        channel: 'web',
        lines: lines.map((line, i) => ({
          line_id: String(i + 1),
          sku: `sku-${i + 1}`,
          quantity: 1,
          discount_minor: 0,
          ...line,
        })),
        prices_include_tax: false,
        discount_minor: 0,
        tax_minor: 0,
        shipping_minor: 0,
        paid_with_points_minor: 0,
        coupon_codes: [],
        ...more,
      },
    );
  }

  refund(
    member: string | null,
    orderId: string,
    refundId: string,
    occurredAt: string,
    amounts: Facts,
  ): Message {
    const key = keyOf(this.program, member, orderId);
    return this.event(`refund:${orderId}:${refundId}`, 'kizuna.purchase.refunded.v1', key, occurredAt, {
      order_id: orderId,
      refund_id: refundId,
      member_id: member,
      currency: 'JPY',
      ...amounts,
    });
  }

  engagement(member: string, id: string, activity: string, occurredAt: string, attributes?: Facts): Message {
    const key = memberKey(this.program, member);
    return this.event(`engagement:${id}`, 'kizuna.engagement.recorded.v1', key, occurredAt, {
      id,
      member_id: member,
      activity,
      ...(attributes ? { attributes } : {}),
    });
  }

  private event(id: string, type: string, key: string, occurredAt: string, data: Facts): Message {
    const whole = { program_id: this.program, occurred_at: occurredAt, ...data };
    return {
      key,
      value: JSON.stringify({
        ...this.envelope(id, type, occurredAt),
        receivedat: this.present,
        data: whole,
      }),
    };
  }

  private envelope(id: string, type: string, time: string): Facts {
    return {
      specversion: '1.0',
      id,
      source: `/programs/${this.program}/api`,
      type,
      time,
      program: this.program,
    };
  }

  sends(topic: 'purchase-events' | 'engagement-events', ...messages: readonly Message[]): Promise<void> {
    return this.topics.produce(topic, messages);
  }

  get(path: string): Promise<{ status: number; body: unknown }> {
    return this.room.get(path, this.authorization);
  }

  post(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
    return this.room.post(path, this.authorization, body);
  }

  /** Another program's credential. */
  stranger(): Promise<string> {
    return this.keys.authorization('somebody-else', 'campaigns');
  }

  /** The body once the room knows of it. */
  async reads<Body>(path: string): Promise<Body> {
    return eventually(async () => {
      const { status, body } = await this.get(path);
      if (status !== 200) throw new Error(`${path} answers ${status}`);
      return body as Body;
    });
  }

  async published(member: string): Promise<EventEnvelope<Record<string, unknown>>[]> {
    const all = await this.topics.events('award-events');
    return all.filter(({ subject }) => subject === member) as EventEnvelope<Record<string, unknown>>[];
  }
}

const keyOf = (program: string, member: string | null, orderId: string): string =>
  member === null ? guestKey(program, orderId) : memberKey(program, member);

export const line = (unit_price_minor: number, category = 'tea', quantity = 1): Facts => ({
  unit_price_minor,
  category,
  quantity,
});
