import { checkEngagementBody, engagementRecorded } from '@kizuna/contracts';
import { instant, memberKey, reject, type Decision } from '@kizuna/kernel';
import { checkOccurredAt } from '../domain/check-occurred-at.js';
import type { IntakeRejection } from '../domain/intake-rejection.js';
import { intakeEvent, type IntakeEvent, type Intaker } from './intake-event.js';

/** From an engagement as it was posted to the event to publish. */
export function prepareEngagement(body: unknown, intaker: Intaker): Decision<IntakeEvent, IntakeRejection> {
  const checked = checkEngagementBody(body);
  if (!checked.valid) return reject({ code: 'invalid_request', faults: checked.faults });
  const engagement = checked.value;
  const occurred = checkOccurredAt(instant(engagement.occurred_at), intaker);
  if (!occurred.accepted) return occurred;
  const { id, member_id: memberId } = engagement;
  return intakeEvent(
    {
      contract: engagementRecorded,
      eventId: `engagement:${id}`,
      occurredAt: occurred.value,
      body: engagement,
      about: {
        key: memberKey(intaker.programId, memberId),
        subject: memberId,
        statusUrl: `/v1/engagements/${encodeURIComponent(id)}`,
      },
    },
    intaker,
  );
}
