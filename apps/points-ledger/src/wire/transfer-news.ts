import {
  pointsAwarded,
  pointsClawedBack,
  pointsDebtOffset,
  pointsExpired,
  pointsRedeemed,
  pointsReleased,
  type DataOf,
} from '@kizuna/contracts';
import { formatInstant, invariant, memberKey } from '@kizuna/kernel';
import { outgoing, type OutgoingEvent } from '@kizuna/messaging';
import type { Transfer, TransferKind } from '../domain/wallet.js';

/** CloudEvents source of this room. */
export const EVENT_SOURCE = '/points-ledger';

/** Facts of these kinds have the same shape: one lot, one amount. */
const ofOneLot = {
  award: pointsAwarded,
  release: pointsReleased,
  debt_offset: pointsDebtOffset,
  expiry: pointsExpired,
} as const satisfies Record<Exclude<TransferKind, 'clawback' | 'redemption'>, unknown>;

type ClawbackSource = NonNullable<DataOf<typeof pointsClawedBack>['source']>;

/** What the other rooms are told of a transfer. */
export function transferNews(transfer: Transfer): OutgoingEvent {
  const { transferId, kind, debit, amount, lotId, businessRef, causeEventId, effectiveAt, after } = transfer;
  const { programId, memberId, wallet, pending, available, held, debt } = after;
  const envelope = {
    id: `transfer:${transferId}`,
    key: memberKey(programId, memberId),
    programId,
    subject: memberId,
    occurredAt: effectiveAt,
    causationId: causeEventId,
  };
  const figures = {
    program_id: programId,
    member_id: memberId,
    transfer_id: transferId,
    wallet,
    amount,
    pending,
    available,
    held,
    debt,
    business_ref: businessRef,
    effective_at: formatInstant(effectiveAt),
  };
  if (kind === 'redemption')
    return outgoing<typeof pointsRedeemed>({ contract: pointsRedeemed, ...envelope, data: figures });
  invariant(lotId !== undefined, `a transfer of kind ${kind} has a lot`);
  const data = { ...figures, award_id: lotId };
  if (kind === 'clawback')
    return outgoing<typeof pointsClawedBack>({
      contract: pointsClawedBack,
      ...envelope,
      data: { ...data, source: debit as ClawbackSource },
    });
  return outgoing<typeof pointsAwarded>({
    contract: ofOneLot[kind] as unknown as typeof pointsAwarded,
    ...envelope,
    data,
  });
}
