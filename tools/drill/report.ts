import type { DrillArguments } from './arguments.js';
import { FAULT_KINDS, wholeBeforeRecoveryMs, type Fault, type FaultKind } from './fault.js';
import type { Findings } from './invariants.js';
import type { SentCounts } from './sent.js';

const SHOWN = 10;

export interface DrillOutcome extends Findings {
  readonly given: DrillArguments;
  readonly acknowledged: number;
  readonly sent: SentCounts;
  readonly unknown: number;
  readonly faults: readonly Fault[];
  readonly restarts: number;
  readonly gracefulStops: number;
  readonly ungraceful: readonly string[];
  readonly startedInVain: number;
  readonly unexpected: readonly string[];
  /** What went wrong beyond the invariants: refusals, no settling, a fault that could not be undone. */
  readonly failures: readonly string[];
}

/** Why the drill failed, in few words; empty when it passed. */
export function reasons({ results, ungraceful, unexpected, failures }: DrillOutcome): string[] {
  return [
    ...failures,
    ...(ungraceful.length > 0 ? [`${ungraceful.length} stops were not graceful`] : []),
    ...(unexpected.length > 0 ? [`${unexpected.length} services ended by themselves`] : []),
    ...results
      .filter(({ violations }) => violations.length > 0)
      .map(({ name, violations }) => `${name} (${violations.length})`),
  ];
}

export function closingLine(outcome: DrillOutcome): string {
  const why = reasons(outcome);
  return why.length === 0 ? 'drill passed' : `drill FAILED: ${why.join('; ')}`;
}

export function textReport(outcome: DrillOutcome): string[] {
  const { given, acknowledged, sent, unknown, faults, restarts, gracefulStops, ungraceful, unexpected } =
    outcome;
  return [
    '',
    row('seed, minutes', `${given.seed}, ${given.minutes}`),
    row('events acknowledged', acknowledged),
    row('  engagements among them', sent.engagements),
    row('redemptions', sent.redemptions),
    row('  refused', sent.redemptionsRefused),
    row('  answers to repetitions', sent.redemptionsRepeated),
    row('attempts without an answer', unknown),
    row('faults', faults.length),
    ...FAULT_KINDS.map((kind) => {
      const { count, p50, max, healing } = recovery(faults, kind);
      const times =
        count === 0
          ? ''
          : `  recovered p50 ${seconds(p50)}, max ${seconds(max)} (${seconds(healing)} of it whole)`;
      return `${row(`  ${kind.replaceAll('_', ' ')}`, count)}${times}`;
    }),
    row('restarts of services', restarts),
    row('  started while something was away', outcome.startedInVain),
    ...listed('ended by themselves', unexpected),
    row('graceful stops', `${gracefulStops - ungraceful.length} of ${gracefulStops}`),
    ...listed('not graceful', ungraceful),
    ...Object.entries(outcome.duplicates).map(([topic, count]) => row(`repetitions in ${topic}`, count)),
    '',
    ...outcome.results.flatMap(({ name, law, checked, violations }) => [
      `${violations.length === 0 ? 'ok    ' : 'BROKEN'} ${name.padEnd(7)}${law} (${checked})`,
      ...shown(violations),
    ]),
    '',
    closingLine(outcome),
  ];
}

/** One flat object, for whoever collects many runs. */
export function jsonReport(outcome: DrillOutcome): Readonly<Record<string, string | number | boolean>> {
  const { given, faults } = outcome;
  return {
    seed: given.seed,
    minutes: given.minutes,
    events_acknowledged: outcome.acknowledged,
    engagements_acknowledged: outcome.sent.engagements,
    redemptions: outcome.sent.redemptions,
    redemptions_refused: outcome.sent.redemptionsRefused,
    redemptions_repeated: outcome.sent.redemptionsRepeated,
    attempts_without_answer: outcome.unknown,
    faults: faults.length,
    ...Object.fromEntries(
      FAULT_KINDS.flatMap((kind) => {
        const { count, p50, max, healing } = recovery(faults, kind);
        return [
          [`${kind}_count`, count],
          [`${kind}_recovery_ms_p50`, p50],
          [`${kind}_recovery_ms_max`, max],
          [`${kind}_recovery_after_healing_ms_max`, healing],
        ];
      }),
    ),
    restarts: outcome.restarts,
    started_in_vain: outcome.startedInVain,
    ended_by_themselves: outcome.unexpected.length,
    graceful_stops: outcome.gracefulStops,
    ungraceful_stops: outcome.ungraceful.length,
    ...Object.fromEntries(
      Object.entries(outcome.duplicates).map(([topic, count]) => [
        `repetitions_${topic.replaceAll('-', '_')}`,
        count,
      ]),
    ),
    ...Object.fromEntries(
      outcome.results.map(({ name, violations }) => [`${name.toLowerCase()}_violations`, violations.length]),
    ),
    passed: reasons(outcome).length === 0,
    closing: closingLine(outcome),
  };
}

/** From the start of a fault until purchases sent after it had their points. */
function recovery(faults: readonly Fault[], kind: FaultKind) {
  const ofKind = faults.filter((fault) => fault.kind === kind);
  const whole = ofKind.map((fault) => wholeBeforeRecoveryMs(fault, faults) ?? 0);
  const times = ofKind
    .flatMap(({ startedAt, recoveredAt }) => (recoveredAt === undefined ? [] : [recoveredAt - startedAt]))
    .sort((a, b) => a - b);
  return {
    count: ofKind.length,
    p50: times[Math.floor((times.length - 1) / 2)] ?? 0,
    max: times.at(-1) ?? 0,
    healing: Math.max(0, ...whole),
  };
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const row = (label: string, value: number | string): string => `${label.padEnd(32)}${value}`;
const listed = (label: string, sentences: readonly string[]): string[] =>
  sentences.length === 0 ? [] : [row(label, sentences.length), ...shown(sentences)];
const shown = (sentences: readonly string[]): string[] => [
  ...sentences.slice(0, SHOWN).map((sentence) => `         ${sentence}`),
  ...(sentences.length > SHOWN ? [`         … and ${sentences.length - SHOWN} more`] : []),
];
