import { Controller, Get, Query } from '@nestjs/common';
import { completeSettings } from '@kizuna/contracts';
import { formatInstant, instant } from '@kizuna/kernel';
import { AsCaller, NeedsScope, pageOf, pageRequest, Problem, type Caller, type Page } from '@kizuna/service';
import { changedSettings, type ChangedSetting } from '../../domain/changed-settings.js';
import { SettingsRepository, type SettingsRevision } from '../../storage/settings.repository.js';
import { PageQuery } from '../../wire/page.query.js';

const REVISION = /^\d{1,9}$/;

interface RevisionBody {
  readonly revision: number;
  readonly changed_at: string;
  readonly actor: string;
  readonly changes: readonly ChangedSetting[];
}

/** Who changed which setting when, newest first. `changed_at` is the system's time, of test programs too. */
@Controller('v1/program/history')
export class ReadProgramHistoryController {
  constructor(private readonly settings: SettingsRepository) {}

  @Get()
  @NeedsScope('settings:read')
  async list(@AsCaller() { programId }: Caller, @Query() query: PageQuery): Promise<Page<RevisionBody>> {
    const scope = `program history ${programId}`;
    const page = pageRequest(scope, 1, query);
    const before = page.after?.[0];
    if (before !== undefined && !REVISION.test(before)) throw new Problem(400, 'invalid_cursor');
    const rows = await this.settings.history(programId, page.limit + 1, before);
    return pageOf(scope, rows, page.limit, {
      key: ({ revision }) => [String(revision)],
      item: revisionBody,
    });
  }
}

function revisionBody({ revision, changedAt, actor, before, settings }: SettingsRevision): RevisionBody {
  return {
    revision,
    changed_at: formatInstant(instant(changedAt)),
    actor,
    // A revision from before a property existed has its default.
    changes: changedSettings(before && completeSettings(before), completeSettings(settings)),
  };
}
