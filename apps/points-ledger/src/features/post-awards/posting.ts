import type { awardClawedBack, awardGranted } from '@kizuna/contracts';
import { instant, points } from '@kizuna/kernel';
import type { ReceivedOf } from '@kizuna/messaging';
import type { Posting } from '../../domain/post-chunk.js';

type Event = ReceivedOf<typeof awardGranted> | ReceivedOf<typeof awardClawedBack>;

/** What an award event asks the ledger to post. */
export function postingOf(event: Event): Posting {
  const { id, occurredAt, data } = event;
  const address = { programId: data.program_id, memberId: data.member_id, wallet: data.wallet };
  if (event.type === 'kizuna.award.granted.v1') {
    const { award_id, amount, business_ref, origin, funding, release_at, expires_at } = event.data;
    const { rule, rule_label, rule_label_ja } = event.data;
    return {
      ...address,
      kind: 'award',
      award: {
        awardId: award_id,
        amount: points(amount),
        businessRef: business_ref,
        origin,
        funding,
        rule,
        ruleLabel: rule_label,
        ruleLabelJa: rule_label_ja,
        causeEventId: id,
        occurredAt,
        releaseAt: release_at === null ? undefined : instant(release_at),
        expiresAt: expires_at === null ? undefined : instant(expires_at),
      },
    };
  }
  const { award_id, clawback_total, refund_id, policy } = event.data;
  return {
    ...address,
    kind: 'clawback',
    clawback: {
      awardId: award_id,
      total: points(clawback_total),
      policy,
      businessRef: refund_id,
      causeEventId: id,
      occurredAt,
    },
  };
}
