import { EntitySchema } from 'typeorm';

export interface WalletRow {
  programId: string;
  memberId: string;
  wallet: string;
  available: string;
  awardedTotal: string;
  seq: string;
}

export interface LotRow {
  lotId: string;
  programId: string;
  memberId: string;
  wallet: string;
  amount: string;
  remaining: string;
  occurredAt: Date;
  expiresAt: Date | null;
  origin: string;
  funding: string;
  businessRef: string;
}

export interface TransferRow {
  transferId: string;
  programId: string;
  memberId: string;
  wallet: string;
  seq: string;
  kind: string;
  debit: string;
  credit: string;
  amount: string;
  available: string;
  businessRef: string;
  causeEventId: string;
  effectiveAt: Date;
}

export const WalletEntity = new EntitySchema<WalletRow>({
  name: 'wallet',
  columns: {
    programId: { name: 'program_id', type: 'text', primary: true },
    memberId: { name: 'member_id', type: 'text', primary: true },
    wallet: { type: 'text', primary: true },
    available: { type: 'bigint' },
    awardedTotal: { name: 'awarded_total', type: 'bigint' },
    seq: { type: 'bigint' },
  },
});

export const LotEntity = new EntitySchema<LotRow>({
  name: 'lot',
  columns: {
    lotId: { name: 'lot_id', type: 'uuid', primary: true },
    programId: { name: 'program_id', type: 'text' },
    memberId: { name: 'member_id', type: 'text' },
    wallet: { type: 'text' },
    amount: { type: 'bigint' },
    remaining: { type: 'bigint' },
    occurredAt: { name: 'occurred_at', type: 'timestamptz' },
    expiresAt: { name: 'expires_at', type: 'timestamptz', nullable: true },
    origin: { type: 'text' },
    funding: { type: 'text' },
    businessRef: { name: 'business_ref', type: 'text' },
  },
  indices: [
    { name: 'lot_of_wallet', columns: ['programId', 'memberId', 'wallet', 'expiresAt', 'occurredAt'] },
  ],
});

export const TransferEntity = new EntitySchema<TransferRow>({
  name: 'transfer',
  columns: {
    transferId: { name: 'transfer_id', type: 'uuid', primary: true },
    programId: { name: 'program_id', type: 'text' },
    memberId: { name: 'member_id', type: 'text' },
    wallet: { type: 'text' },
    seq: { type: 'bigint' },
    kind: { type: 'text' },
    debit: { type: 'text' },
    credit: { type: 'text' },
    amount: { type: 'bigint' },
    available: { type: 'bigint' },
    businessRef: { name: 'business_ref', type: 'text' },
    causeEventId: { name: 'cause_event_id', type: 'text' },
    effectiveAt: { name: 'effective_at', type: 'timestamptz' },
  },
  indices: [{ name: 'transfer_of_wallet', columns: ['programId', 'memberId', 'wallet', 'seq'] }],
});
