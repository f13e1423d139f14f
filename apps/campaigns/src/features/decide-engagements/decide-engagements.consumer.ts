import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { canonicalHash, engagementRecorded } from '@kizuna/contracts';
import { invariant } from '@kizuna/kernel';
import {
  ChunkContext,
  ConsumeChunks,
  type Chunk,
  type OutgoingEvent,
  type ReceivedOf,
} from '@kizuna/messaging';
import { recordEngagement, type Engagement } from '../../domain/engagement.js';
import { monthOf } from '../../domain/program-days.js';
import { engagementRulesAt, type ProgramRules } from '../../domain/program-rules.js';
import { RuleFailures } from '../../operations/rule-failures.js';
import { engagementName, lockEngagements } from '../../storage/engagements.repository.js';
import { historyRequest, type HistoryRequest } from '../../storage/history-request.js';
import { lockHistories } from '../../storage/member-histories.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { saveEngagements, type EngagementWrite } from '../../storage/save-engagements.js';
import { engagementNews } from '../../wire/award-news.js';

type Event = ReceivedOf<typeof engagementRecorded>;

/** What members did becomes awards. No inbox: an engagement is remembered for ever with its content. */
@Controller()
export class DecideEngagementsConsumer {
  constructor(
    private readonly programs: ProgramsRepository,
    private readonly failures: RuleFailures,
  ) {}

  @ConsumeChunks('engagement-events', { group: 'campaigns', events: [engagementRecorded] })
  async decide(@Payload() chunk: Chunk<Event>, @Ctx() { tx }: ChunkContext): Promise<OutgoingEvent[]> {
    const programs = await this.programs.rulesFor(tx, [
      ...new Set(chunk.events.map(({ programId }) => programId)),
    ]);
    const refs = new Map(chunk.events.map((event) => [engagementName(refOf(event)), refOf(event)]));
    const engagements = await lockEngagements(tx, [...refs.values()]);
    const histories = await lockHistories(tx, requestsOf(chunk.events, engagements, programs));
    const writes = new Map<string, EngagementWrite>();
    const news: OutgoingEvent[] = [];
    let rulesFailed = 0;

    for (const event of chunk.events) {
      const { id: eventId, programId, occurredAt, receivedAt, data } = event;
      const name = engagementName(refOf(event));
      const engagement = engagements.get(name);
      const program = programs.get(programId);
      invariant(engagement && program, 'every engagement and program of the chunk is loaded');
      const { member_id: memberId } = data;
      const change = recordEngagement(
        engagement,
        { eventId, memberId, dataHash: canonicalHash(data), occurredAt, receivedAt, facts: data },
        program,
        histories.of(programId, memberId),
      );
      if (change.facts.length > 0)
        histories.carryOnUsage(
          programId,
          memberId,
          monthOf(occurredAt, program.settings.timeZone),
          engagement.awards,
          change.engagement.awards,
        );
      news.push(...engagementNews(engagement, change, event));
      rulesFailed += change.rulesFailed ?? 0;
      engagements.set(name, change.engagement);
      writes.set(name, { before: writes.get(name)?.before ?? engagement, after: change.engagement });
    }
    await saveEngagements(tx, [...writes.values()]);
    this.failures.count('engagement', rulesFailed);
    return news;
  }
}

const refOf = ({ programId, data }: Event) => ({ programId, engagementId: data.id });

/** The members' pasts that rules for these activities will ask about. */
function requestsOf(
  events: readonly Event[],
  engagements: ReadonlyMap<string, Engagement>,
  programs: ReadonlyMap<string, ProgramRules>,
): HistoryRequest[] {
  return events.flatMap((event) => {
    const { programId, occurredAt, data } = event;
    const program = programs.get(programId);
    if (!program || engagements.get(engagementName(refOf(event)))?.recorded) return [];
    const rules = engagementRulesAt(program, occurredAt, data.activity);
    return historyRequest({ programId, memberId: data.member_id, occurredAt }, rules, program.settings);
  });
}
