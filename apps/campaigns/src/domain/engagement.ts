import { deterministicId, type Instant } from '@kizuna/kernel';
import { awardTimes } from './award-times.js';
import { conditionsOf, historyNeeds, memberFacts, timeOf } from './conditions.js';
import { decideEngagement } from './decide-engagement.js';
import { isLate } from './late.js';
import { NOTHING_KNOWN, usageIn, type KnownWhenDeciding } from './known-when-deciding.js';
import { knownFrom, type MemberHistory } from './member-history.js';
import type { ArrivedEvent, Award, Conflict, OrderFact, ReviewReason } from './order.js';
import { monthOf } from './program-days.js';
import { engagementRulesAt, HARD_LIMIT, type ProgramRules } from './program-rules.js';
import type { RuleOutcome } from './rule-outcome.js';
import { rulesFailed } from './rules-failed.js';

/** What a member did, as rules look at it. */
export interface EngagementFacts {
  readonly activity: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface RecordedEngagement {
  readonly memberId: string;
  readonly eventId: string;
  readonly dataHash: string;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
  readonly facts: EngagementFacts;
  readonly review: ReviewReason | undefined;
  readonly isRefused: boolean;
  readonly ruleSetRevision: number;
  readonly settingsRevision: number;
  readonly known: KnownWhenDeciding;
}

/** All that is known of one engagement. */
export interface Engagement {
  readonly programId: string;
  readonly engagementId: string;
  readonly recorded: RecordedEngagement | undefined;
  readonly awards: readonly Award[];
  readonly conflicts: readonly Conflict[];
}

export interface ArrivedEngagement extends ArrivedEvent {
  readonly memberId: string;
  readonly facts: EngagementFacts;
}

export interface EngagementChange {
  readonly engagement: Engagement;
  readonly facts: readonly Extract<OrderFact, { kind: 'granted' }>[];
  /** Rules that failed when this was decided; absent where no rule was asked. */
  readonly rulesFailed?: number;
}

export function unknownEngagement(programId: string, engagementId: string): Engagement {
  return { programId, engagementId, recorded: undefined, awards: [], conflicts: [] };
}

/** Records an engagement, once: the same id again has no effect, another content under it is a conflict. */
export function recordEngagement(
  engagement: Engagement,
  arrived: ArrivedEngagement,
  program: ProgramRules,
  history: MemberHistory,
): EngagementChange {
  if (engagement.recorded) return repeatedEngagement(engagement, engagement.recorded, arrived);
  const { occurredAt, receivedAt, facts } = arrived;
  const isTooLate = isLate(occurredAt, receivedAt, program.settings.lateWindowDays);
  const { ruleSetRevision, settingsRevision } = program;
  const recorded: RecordedEngagement = {
    ...arrived,
    review: isTooLate ? 'late' : undefined,
    isRefused: false,
    ruleSetRevision,
    settingsRevision,
    known: NOTHING_KNOWN,
  };
  if (isTooLate) return granted({ ...engagement, recorded }, [], program);
  const known = knownOfEngagement(facts, occurredAt, program, history);
  const outcomes = engagementOutcomes(facts, occurredAt, program, known);
  if (outcomes.some(({ reason }) => reason?.code === 'amount_over_limit'))
    return granted({ ...engagement, recorded: { ...recorded, review: 'amount_over_limit' } }, [], program);
  return granted({ ...engagement, recorded: { ...recorded, known } }, outcomes, program);
}

/** Decides an engagement that somebody has released from review, with the rules at its time and what is known now. */
export function releaseEngagement(
  engagement: Engagement,
  program: ProgramRules,
  history: MemberHistory,
): EngagementChange {
  const { recorded } = engagement;
  if (!recorded?.review) return { engagement, facts: [] };
  const { facts, occurredAt } = recorded;
  const known: KnownWhenDeciding = {
    ...knownOfEngagement(facts, occurredAt, program, history),
    limitLifted: true,
  };
  const { ruleSetRevision, settingsRevision } = program;
  const released = { ...recorded, review: undefined, ruleSetRevision, settingsRevision, known };
  const outcomes = engagementOutcomes(facts, occurredAt, program, known);
  return granted({ ...engagement, recorded: released }, outcomes, program);
}

export function refuseEngagement(engagement: Engagement): EngagementChange {
  const { recorded } = engagement;
  if (!recorded?.review) return { engagement, facts: [] };
  return {
    engagement: { ...engagement, recorded: { ...recorded, review: undefined, isRefused: true } },
    facts: [],
  };
}

export function knownOfEngagement(
  { activity }: EngagementFacts,
  occurredAt: Instant,
  program: ProgramRules,
  history: MemberHistory,
): KnownWhenDeciding {
  const needs = historyNeeds(engagementRulesAt(program, occurredAt, activity));
  return knownFrom(history, needs, () => monthOf(occurredAt, program.settings.timeZone));
}

/** What every rule for the activity made of it; the explanation asks again with the stored facts. */
export function engagementOutcomes(
  { activity, attributes = {} }: EngagementFacts,
  occurredAt: Instant,
  program: Pick<ProgramRules, 'versions' | 'settings'>,
  known: KnownWhenDeciding,
): RuleOutcome[] {
  const { timeZone, maxAward } = program.settings;
  const rules = engagementRulesAt(program, occurredAt, activity);
  return decideEngagement(activity, rules, {
    answerOf: conditionsOf(() => ({
      engagement: { activity, attributes },
      member: memberFacts(known.orders),
      time: timeOf(occurredAt, timeZone),
    })),
    usageOf: usageIn(known),
    maxAward: known.limitLifted ? HARD_LIMIT : maxAward,
  });
}

function granted(
  engagement: Engagement,
  outcomes: readonly RuleOutcome[],
  { settings }: ProgramRules,
): EngagementChange {
  const { programId, engagementId, recorded } = engagement;
  if (!recorded) return { engagement, facts: [] };
  const { memberId, occurredAt } = recorded;
  const facts = outcomes
    .filter(({ amount }) => amount > 0n)
    .map(({ rule, amount }) => {
      const { code, version, wallet, label, labelJa } = rule;
      const award: Award = {
        awardId: deterministicId(occurredAt, programId, 'engagement', engagementId, code, wallet),
        rule: code,
        ruleVersion: version,
        wallet,
        amount,
        lines: [],
        minimumEligible: undefined,
        ...awardTimes(rule, occurredAt, settings),
        clawbackTotal: 0n,
      };
      return {
        kind: 'granted',
        award,
        ruleLabel: label,
        ruleLabelJa: labelJa,
        memberId,
        occurredAt,
      } as const;
    });
  return {
    engagement: { ...engagement, awards: facts.map(({ award }) => award) },
    facts,
    rulesFailed: rulesFailed(outcomes),
  };
}

function repeatedEngagement(
  engagement: Engagement,
  known: RecordedEngagement,
  { eventId, dataHash, memberId, occurredAt, receivedAt }: ArrivedEngagement,
): EngagementChange {
  const isTold = engagement.conflicts.some((conflict) => conflict.dataHash === dataHash);
  if (known.dataHash === dataHash || isTold) return { engagement, facts: [] };
  const conflict = { eventId, dataHash, memberId, occurredAt, receivedAt };
  return { engagement: { ...engagement, conflicts: [...engagement.conflicts, conflict] }, facts: [] };
}
