import type { Award, Books } from './books.js';
import { engagementScope } from './conditions.js';
import { decideEngagement, type Unawarded } from './decide.js';
import type { Orders } from './orders.js';
import type { Engagement } from './requests.js';
import type { ReviewReason } from './results.js';

export interface EngagementRecord {
  readonly body: Engagement;
  state: 'decided' | 'review';
  review?: ReviewReason;
  awards: readonly Award[];
  unawarded: readonly Unawarded[];
  readonly conflicts: Set<string>;
}

/** What members do other than buying. */
export class Engagements {
  readonly records = new Map<string, EngagementRecord>();

  constructor(
    private readonly books: Books,
    private readonly orders: Orders,
  ) {}

  record(body: Engagement): void {
    const { books } = this;
    books.members.add(body.member_id);
    const known = this.records.get(body.id);
    const conflicts = known?.conflicts ?? new Set<string>();
    if (!books.isNew(`engagement:${body.id}`, body, conflicts)) return;
    const record: EngagementRecord = { body, state: 'decided', awards: [], unawarded: [], conflicts };
    this.records.set(body.id, record);
    const late = books.lateness(body.occurred_at);
    if (late === undefined) this.decide(record, false);
    else this.holdBack(record, late);
  }

  private holdBack(record: EngagementRecord, reason: ReviewReason): void {
    record.state = 'review';
    record.review = reason;
    this.books.openReview(`engagement:${record.body.id}`, reason, () => this.decide(record, true));
  }

  private decide(record: EngagementRecord, wasReleased: boolean): void {
    const { books, orders } = this;
    const { id: ref, member_id: memberId, occurred_at: occurredAt, activity } = record.body;
    const { awards, unawarded } = decideEngagement(books.rules.at(Date.parse(occurredAt)), {
      activity,
      scope: engagementScope(record.body, orders.ordersBefore(memberId), books.program.time_zone),
      given: books.givenInMonth(memberId, occurredAt),
    });
    const granted = books.grant({ memberId, kind: 'engagement', ref, occurredAt }, awards, wasReleased);
    if (granted === undefined) return this.holdBack(record, 'amount_over_limit');
    record.state = 'decided';
    record.awards = granted;
    record.unawarded = unawarded;
  }
}
