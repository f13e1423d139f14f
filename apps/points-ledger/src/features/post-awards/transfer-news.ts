import { pointsAwarded, pointsClawedBack } from '@kizuna/contracts';
import { formatInstant, memberKey } from '@kizuna/kernel';
import { outgoing, type OutgoingEvent } from '@kizuna/messaging';
import type { Transfer } from '../../domain/wallet.js';

const contracts = { award: pointsAwarded, clawback: pointsClawedBack } as const satisfies Record<
  Transfer['kind'],
  unknown
>;

/** What the other rooms are told of a transfer. */
export function transferNews(transfer: Transfer): OutgoingEvent {
  const { transferId, kind, amount, lotId, businessRef, causeEventId, effectiveAt, after } = transfer;
  const { programId, memberId, wallet, pending, available, held, debt } = after;
  return outgoing<typeof pointsAwarded | typeof pointsClawedBack>({
    contract: contracts[kind],
    id: `transfer:${transferId}`,
    key: memberKey(programId, memberId),
    programId,
    subject: memberId,
    occurredAt: effectiveAt,
    causationId: causeEventId,
    data: {
      program_id: programId,
      member_id: memberId,
      transfer_id: transferId,
      wallet,
      amount,
      pending,
      available,
      held,
      debt,
      award_id: lotId,
      business_ref: businessRef,
      effective_at: formatInstant(effectiveAt),
    },
  });
}
