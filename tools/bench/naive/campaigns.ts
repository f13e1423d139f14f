import { randomUUID } from 'node:crypto';
import {
  awardGranted,
  purchaseCompleted,
  type EventEnvelope,
  type PurchaseCompleted,
} from '@kizuna/contracts';
import { laneOf } from '@kizuna/messaging';
import { pointsOf } from '../load/purchase.js';
import { consumeEach, environment, naiveClient } from './consume-each.js';
import { CampaignsStore } from './storage/campaigns.store.js';
import type { AwardRow, PurchaseRow } from './storage/campaigns.entities.js';
import { NAIVE_TOPICS } from './topics.js';

/** Purchase in, one transaction, award out: a handler as most would write it. */
const client = naiveClient('naive-campaigns');
const store = await CampaignsStore.connect(environment('DATABASE_URL'));
const producer = client.producer();

await consumeEach(client, {
  topic: NAIVE_TOPICS.purchases,
  group: 'naive-campaigns',
  handle: async (event, key) => {
    const checked = purchaseCompleted.check(event.data);
    if (!checked.valid) throw new Error(`${event.id} is not valid`);
    const award = await store.record(purchaseRow(event, checked.value), awardRow(event, checked.value));
    if (!award) return;
    const value = JSON.stringify(awardEvent(event, award));
    await producer.send([{ topic: NAIVE_TOPICS.awards, partition: laneOf(key), key, value }]);
  },
});

function purchaseRow(event: EventEnvelope, purchase: PurchaseCompleted): PurchaseRow {
  return {
    programId: purchase.program_id,
    orderId: purchase.order_id,
    state: 'decided',
    memberId: purchase.member_id,
    eventId: event.id,
    currency: purchase.currency,
    occurredAt: new Date(event.time),
    receivedAt: new Date(event.receivedat ?? event.time),
    facts: purchase,
  };
}

function awardRow(event: EventEnvelope, purchase: PurchaseCompleted): AwardRow {
  return {
    programId: purchase.program_id,
    kind: 'purchase',
    businessRef: purchase.order_id,
    rule: 'BASE',
    wallet: 'points',
    awardId: randomUUID(),
    memberId: purchase.member_id ?? '',
    ruleVersion: 1,
    amount: String(pointsOf(purchase)),
    origin: 'purchase',
    funding: 'brand',
    occurredAt: new Date(event.time),
  };
}

function awardEvent({ id, time, program }: EventEnvelope, award: AwardRow): EventEnvelope {
  return {
    specversion: '1.0',
    id: `award:${award.awardId}`,
    source: '/naive-campaigns',
    type: awardGranted.type,
    time,
    subject: award.memberId,
    datacontenttype: 'application/json',
    program,
    causationid: id,
    data: {
      program_id: program,
      member_id: award.memberId,
      sequence: 1,
      award_id: award.awardId,
      kind: award.kind,
      business_ref: award.businessRef,
      rule: award.rule,
      rule_version: award.ruleVersion,
      wallet: award.wallet,
      amount: Number(award.amount),
      origin: award.origin,
      funding: award.funding,
      occurred_at: time,
      release_at: null,
      expires_at: null,
    },
  };
}
