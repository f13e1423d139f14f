import { engagementRecorded, purchaseCompleted, purchaseRefunded } from '@kizuna/contracts';
import { reject, type Decision } from '@kizuna/kernel';
import type { Fault } from '../../domain/fault.js';
import { rejectionInside, type IntakeRejection } from '../../domain/intake-rejection.js';
import type { IntakeEvent, Intaker } from '../../intake/intake-event.js';
import { prepareEngagement } from '../../intake/prepare-engagement.js';
import { preparePurchase } from '../../intake/prepare-purchase.js';
import { prepareRefund } from '../../intake/prepare-refund.js';

type Prepare = typeof preparePurchase;

const PREPARE: ReadonlyMap<unknown, Prepare> = new Map<string, Prepare>([
  [purchaseCompleted.type, preparePurchase],
  [purchaseRefunded.type, prepareRefund],
  [engagementRecorded.type, prepareEngagement],
]);

/**
 * One CloudEvent of a storefront. Only `type` and `data` decide: id, source, time and extension attributes are legal and
 * the sender's own, and the program is the credential's whatever they say.
 */
export function prepareEvent(event: unknown, intaker: Intaker): Decision<IntakeEvent, IntakeRejection> {
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    return reject({ code: 'invalid_request', faults: [{ pointer: '', detail: 'must be a CloudEvent' }] });
  const { specversion, type, data } = event as Readonly<Record<string, unknown>>;
  const faults: Fault[] = [];
  if (specversion !== '1.0') faults.push({ pointer: '/specversion', detail: 'must be 1.0' });
  if (typeof type !== 'string') faults.push({ pointer: '/type', detail: 'is required' });
  if (data === undefined) faults.push({ pointer: '/data', detail: 'is required' });
  if (faults.length > 0) return reject({ code: 'invalid_request', faults });

  const prepare = PREPARE.get(type);
  if (!prepare)
    return reject({
      code: 'unknown_type',
      faults: [{ pointer: '/type', detail: `must be one of ${[...PREPARE.keys()].join(', ')}` }],
    });
  const prepared = prepare(data, intaker);
  return prepared.accepted
    ? prepared
    : { accepted: false, rejection: rejectionInside('/data', prepared.rejection) };
}
