import { DAY_MS, localMonth } from './calendar.js';
import { sum } from './exact.js';
import { Ledger, type Lot } from './ledger.js';
import type { Draft, GivenInMonth, Unawarded } from './decide.js';
import type { ProgramFacts } from './requests.js';
import type { CalculatedReview, LotSource, ReviewReason } from './results.js';
import { RuleBook, type RuleVersion } from './rule-book.js';
import { expiryOf, pendingOf, releaseOf } from './times.js';
import { contentOf } from './canonical.js';

/** An award that was granted, with the lot that it became. */
export interface Award {
  readonly version: RuleVersion;
  readonly wanted: bigint;
  readonly amount: bigint;
  readonly units: readonly bigint[];
  readonly lot: Lot;
  clawback: bigint;
}

export interface Decided {
  awards: readonly Award[];
  unawarded: readonly Unawarded[];
}

export interface Review {
  readonly reason: ReviewReason;
  state: CalculatedReview['state'];
  /** What happens when somebody lets it through. */
  readonly release: () => void;
}

/** How far ahead of the program's present an event may have occurred. */
const AHEAD_MS = 600_000;
/** Nobody can let through more than this. */
const HARD_LIMIT = 1_000_000_000n;

/** Everything that decisions of one program share: settings, rules, time, what was given and what was seen. */
export class Books {
  readonly rules = new RuleBook();
  readonly ledger: Ledger;
  readonly members = new Set<string>();
  readonly reviews = new Map<string, Review>();
  readonly notCovered: string[] = [];
  readonly wrongAnswers: string[] = [];
  private readonly seen = new Map<string, string>();
  private readonly given = new Map<string, Award[]>();
  private receivedAt: number | undefined;
  private testClock: number | undefined;

  constructor(public program: ProgramFacts) {
    this.testClock = typeof program.clock_at === 'string' ? Date.parse(program.clock_at) : undefined;
    this.ledger = new Ledger(this.testClock);
  }

  /** A request begins: of a program without a test clock, this is how time passes. */
  receives(receivedAt: string | undefined): void {
    this.receivedAt = receivedAt === undefined ? undefined : Date.parse(receivedAt);
    const now = this.testClock ?? this.receivedAt;
    if (now !== undefined) this.ledger.advance(now);
  }

  moveClock(to: number): void {
    this.testClock = Math.max(this.testClock ?? -Infinity, to);
    this.ledger.advance(this.testClock);
  }

  /** The first content of an event id stands for ever; the same again has no effect, another is a conflict. */
  isNew(eventId: string, body: object & { readonly occurred_at: string }, conflicts: Set<string>): boolean {
    const content = contentOf(body);
    const first = this.seen.get(eventId);
    this.checkFuture(eventId, body.occurred_at);
    if (first === undefined) this.seen.set(eventId, content);
    else if (first !== content) conflicts.add(eventId);
    return first === undefined;
  }

  private checkFuture(eventId: string, occurredAt: string): void {
    const now = this.testClock ?? this.receivedAt;
    if (now !== undefined && Date.parse(occurredAt) - now > AHEAD_MS)
      this.wrongAnswers.push(
        `${eventId}: occurred more than ten minutes ahead and should be refused, was acknowledged.`,
      );
  }

  lateness(occurredAt: string): ReviewReason | undefined {
    const occurred = Date.parse(occurredAt);
    if (occurred < Date.parse(this.program.starts_at)) return 'before_start';
    const received = this.testClock ?? this.receivedAt;
    if (received === undefined) return undefined;
    return received - occurred > this.program.late_window_days * DAY_MS ? 'late' : undefined;
  }

  openReview(eventId: string, reason: ReviewReason, release: () => void): void {
    this.reviews.set(eventId, { reason, state: 'open', release });
  }

  /** What a rule, whatever its version, has given the member in the month of an event, net of what was taken back. */
  givenInMonth(memberId: string, occurredAt: string): GivenInMonth {
    return ({ rule }) => {
      const awards = this.given.get(this.capKey(memberId, rule.code, occurredAt)) ?? [];
      return {
        awards: awards.filter(({ amount, clawback }) => clawback < amount).length,
        units: sum(awards.map(({ amount, clawback }) => amount - clawback)),
      };
    };
  }

  /**
   * Grants what was decided, unless one award is over the limit: then nothing of it has an effect until somebody lets it
   * through. @returns false when it is held back
   */
  grant(
    event: {
      readonly memberId: string;
      readonly kind: LotSource['kind'];
      readonly ref: string;
      occurredAt: string;
    },
    drafts: readonly Draft[],
    wasReleased: boolean,
  ): Award[] | undefined {
    const limit = BigInt(this.program.max_award);
    if (!wasReleased && drafts.some(({ amount }) => amount > limit)) return undefined;
    return drafts
      .filter(({ amount }) => amount <= HARD_LIMIT)
      .map((draft) => {
        const { rule } = draft.version;
        const occurredAt = Date.parse(event.occurredAt);
        const releaseAt = releaseOf(pendingOf(rule, this.program), occurredAt, this.program.time_zone);
        const policy =
          rule.expiry ?? this.program.wallets?.find(({ wallet }) => wallet === rule.wallet)?.expiry;
        const lot = this.ledger.grant({
          memberId: event.memberId,
          wallet: rule.wallet,
          source: { kind: event.kind, ref: event.ref, rule: rule.code },
          amount: draft.amount,
          occurredAt,
          releaseAt,
          expiresAt: expiryOf(policy, releaseAt ?? occurredAt, this.program),
        });
        const award = { ...draft, lot, clawback: 0n };
        const key = this.capKey(event.memberId, rule.code, event.occurredAt);
        const given = this.given.get(key);
        if (given === undefined) this.given.set(key, [award]);
        else given.push(award);
        return award;
      });
  }

  clawBack(award: Award, clawbackTotal: bigint): void {
    if (clawbackTotal <= award.clawback) return;
    award.clawback = clawbackTotal;
    this.ledger.clawBack(award.lot, clawbackTotal, this.program.clawback_policy ?? 'negative');
  }

  private capKey(memberId: string, rule: string, occurredAt: string): string {
    return `${memberId} ${rule} ${localMonth(Date.parse(occurredAt), this.program.time_zone)}`;
  }
}
