import { calculate, type ProgramFacts, type SentRequest } from '../reconcile/calculation.js';
import { compare } from '../reconcile/compare.js';
import { ProgramClient } from '../start/program-client.js';
import { publicReads } from '../start/public-reads.js';
import { wholeBeforeRecoveryMs, type Fault } from './fault.js';
import type { OffsetsWatch } from './offsets-watch.js';
import { changedAnswers, wronglyKept } from './redemption-checks.js';
import { firstAnswers, inDecidedOrder } from './sent.js';
import type { Databases } from './storage/databases.js';
import {
  figuresWithoutGround,
  ledgerCounts,
  moreThanAwarded,
  negativeFigures,
  ownFindings,
  sumsThatAreNotZero,
} from './storage/ledger.js';
import { parkedEvents } from './storage/parked.js';
import { committedEvents, lastSequences } from './storage/published.js';
import { decidedOutOfOrder, firstOccurrences, gapsInSequence, outOfOrder, unequal } from './topic-checks.js';
import type { TopicContent } from './topic-reader.js';

const RECOVERED_WITHIN_MS = 60_000;
const PUBLISHED = [
  ['award-events', 'campaigns'],
  ['points-events', 'points-ledger'],
] as const;

/** One law, and what breaks it. */
export interface InvariantResult {
  readonly name: string;
  readonly law: string;
  /** How much was looked at. */
  readonly checked: string;
  readonly violations: readonly string[];
}

export interface Evidence {
  readonly programId: string;
  readonly apiKey: string;
  readonly gatewayUrl: string;
  /** Rules first, then what was sent, in the order of the answers. */
  readonly requests: readonly SentRequest[];
  readonly databases: Databases;
  readonly watch: OffsetsWatch;
  readonly faults: readonly Fault[];
  topic(name: string): Promise<TopicContent>;
}

export interface Findings {
  readonly results: readonly InvariantResult[];
  /** Messages that a topic has more than once. */
  readonly duplicates: Readonly<Record<string, number>>;
}

export async function checkInvariants(evidence: Evidence): Promise<Findings> {
  const { databases, watch, faults, requests, programId } = evidence;
  const { wallets, transfers } = await ledgerCounts(databases);
  const [purchases, engagements, awards, points] = await Promise.all([
    evidence.topic('purchase-events'),
    evidence.topic('engagement-events'),
    evidence.topic('award-events'),
    evidence.topic('points-events'),
  ]);
  const contents = {
    'purchase-events': purchases,
    'engagement-events': engagements,
    'award-events': awards,
    'points-events': points,
  };
  const committed = (await Promise.all(PUBLISHED.map(([, room]) => committedEvents(databases, room)))).flat();
  const perTopic = async (check: (topic: string, content: TopicContent, room: string) => Promise<string[]>) =>
    (await Promise.all(PUBLISHED.map(([topic, room]) => check(topic, contents[topic], room)))).flat();
  const lateOnes = faults.filter((fault) => isLate(fault, faults));
  const ofLedger = `${wallets} wallets, ${transfers} transfers`;
  const ofTopics = `${firstOccurrences(awards).length} award and ${firstOccurrences(points).length} points events`;

  const own = await ownFindings(databases);
  const results: InvariantResult[] = [
    await exactlyOnce(evidence),
    result('I2', 'transfers sum to zero', ofLedger, await sumsThatAreNotZero(databases)),
    result('I3', 'no figure is negative', ofLedger, await negativeFigures(databases)),
    result('I4', 'figures are lots and transfers', ofLedger, await figuresWithoutGround(databases)),
    result(
      'I5',
      'what is committed is published, and nothing else',
      `${committed.length} committed events`,
      await perTopic(async (topic, content) => unequal(topic, content, committed)),
    ),
    result('I6', 'order per key is kept', ofTopics, [
      ...(await perTopic(async (topic, content) => outOfOrder(topic, content))),
      ...decidedOutOfOrder(awards, requests, programId),
    ]),
    result(
      'I7',
      'sequences have no gap',
      ofTopics,
      await perTopic(async (topic, content, room) =>
        gapsInSequence(
          topic,
          content,
          await lastSequences(databases, room === 'campaigns' ? 'campaigns' : 'points-ledger', topic),
        ),
      ),
    ),
    result('I11', 'no more leaves a lot than was awarded', ofLedger, await moreThanAwarded(databases)),
    await sameAnswers(evidence),
    result('I9', 'no commit passes its position', `${watch.comparisons} comparisons`, watch.violations),
    result(
      'I13',
      'recovered within 60 s after the last healing',
      `${faults.length} faults`,
      lateOnes.map(
        ({ number, kind, target }) =>
          `fault ${number}, ${kind} of ${target}: purchases had no points in time`,
      ),
    ),
    result('books', 'the check of the ledger itself never found a difference', own.checked, own.violations),
    result('parked', 'nothing is parked', 'all rooms', await parkedEvents(databases)),
  ];
  const duplicates = Object.fromEntries(
    Object.entries(contents).map(([topic, content]) => [
      topic,
      content.length - firstOccurrences(content).length,
    ]),
  );
  return { results, duplicates };
}

async function exactlyOnce({ gatewayUrl, apiKey, requests, databases }: Evidence): Promise<InvariantResult> {
  const client = new ProgramClient(gatewayUrl, apiKey);
  const { body: settings } = await client.request('GET', '/v1/program');
  const calculation = calculate(settings as ProgramFacts, inDecidedOrder(requests));
  const { compared, differences } = await compare(calculation, publicReads(client));
  const { members, orders, awards, refunds, engagements, redemptions } = compared;
  const checked = `${members} members, ${orders} orders, ${awards} awards, ${refunds} refunds, ${engagements} engagements, ${redemptions} redemptions`;
  return result('I1', 'what was acknowledged has its effects once, what was refused none', checked, [
    ...differences,
    ...(await wronglyKept(databases, requests)),
  ]);
}

async function sameAnswers({ gatewayUrl, apiKey, requests }: Evidence): Promise<InvariantResult> {
  const { asked, violations } = await changedAnswers(new ProgramClient(gatewayUrl, apiKey), requests);
  const checked = `${firstAnswers(requests).size} redemptions, ${asked} asked again`;
  return result('I12', 'a repeated command has the same answer', checked, violations);
}

const result = (
  name: string,
  law: string,
  checked: string,
  violations: readonly string[],
): InvariantResult => ({ name, law, checked, violations });

const isLate = (fault: Fault, all: readonly Fault[]): boolean =>
  (wholeBeforeRecoveryMs(fault, all) ?? Infinity) > RECOVERED_WITHIN_MS;
