import { EntitySchema } from 'typeorm';

export interface PurchaseRow {
  programId: string;
  orderId: string;
  state: string;
  memberId: string | null;
  eventId: string;
  currency: string;
  occurredAt: Date;
  receivedAt: Date;
  facts: object;
}

export interface AwardRow {
  programId: string;
  kind: string;
  businessRef: string;
  rule: string;
  wallet: string;
  awardId: string;
  memberId: string;
  ruleVersion: number;
  amount: string;
  origin: string;
  funding: string;
  occurredAt: Date;
}

export const PurchaseEntity = new EntitySchema<PurchaseRow>({
  name: 'purchase',
  columns: {
    programId: { name: 'program_id', type: 'text', primary: true },
    orderId: { name: 'order_id', type: 'text', primary: true },
    state: { type: 'text' },
    memberId: { name: 'member_id', type: 'text', nullable: true },
    eventId: { name: 'event_id', type: 'text' },
    currency: { type: 'text' },
    occurredAt: { name: 'occurred_at', type: 'timestamptz' },
    receivedAt: { name: 'received_at', type: 'timestamptz' },
    facts: { type: 'jsonb' },
  },
  indices: [{ name: 'purchase_of_member', columns: ['programId', 'memberId', 'occurredAt', 'orderId'] }],
});

export const AwardEntity = new EntitySchema<AwardRow>({
  name: 'award',
  columns: {
    programId: { name: 'program_id', type: 'text', primary: true },
    kind: { type: 'text', primary: true },
    businessRef: { name: 'business_ref', type: 'text', primary: true },
    rule: { type: 'text', primary: true },
    wallet: { type: 'text', primary: true },
    awardId: { name: 'award_id', type: 'uuid' },
    memberId: { name: 'member_id', type: 'text' },
    ruleVersion: { name: 'rule_version', type: 'integer' },
    amount: { type: 'bigint' },
    origin: { type: 'text' },
    funding: { type: 'text' },
    occurredAt: { name: 'occurred_at', type: 'timestamptz' },
  },
  indices: [{ name: 'award_of_member', columns: ['programId', 'memberId', 'awardId'] }],
});
