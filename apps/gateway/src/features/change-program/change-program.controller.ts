import { Body, Controller, Inject, Patch } from '@nestjs/common';
import { completeSettings, programNow, type CompleteSettings } from '@kizuna/contracts';
import type { Clock } from '@kizuna/kernel';
import { AsCaller, CLOCK, NeedsScope, Problem, type Caller } from '@kizuna/service';
import { changeSettings, type SettingsRejection } from '../../domain/change-settings.js';
import { Programs } from '../../programs/programs.js';
import { faultsOfSettings } from '../../settings/faults-of-settings.js';
import { SettingsRepository } from '../../storage/settings.repository.js';
import { ChangeProgramRequest } from './change-program.request.js';

@Controller('v1/program')
export class ChangeProgramController {
  constructor(
    private readonly settings: SettingsRepository,
    private readonly programs: Programs,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Changes the caller's own program. The other rooms follow by the event, in about a second. */
  @Patch()
  @NeedsScope('settings:write')
  async change(
    @AsCaller() { programId, actor }: Caller,
    @Body() request: ChangeProgramRequest,
  ): Promise<CompleteSettings> {
    const now = this.clock.now(programId);
    const wanted = { ...named(request), revision: request.revision };
    const decision = await this.settings.change(programId, { actor, now }, (current) =>
      changeSettings(completeSettings(current), wanted, {
        faultsOf: faultsOfSettings,
        now: programNow(current, now),
      }),
    );
    if (!decision) throw new Problem(404, 'not_found');
    if (!decision.accepted) throw problemOf(decision.rejection);
    this.programs.forget(programId);
    return completeSettings(decision.value);
  }
}

function named(request: ChangeProgramRequest): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}

const problems = {
  revision_conflict: ({ revision }: { revision: number }) =>
    new Problem(409, 'revision_conflict', {
      detail: `the settings have changed since: read revision ${revision} and change that`,
      facts: { revision },
    }),
  setting_is_fixed: ({ faults }: Faulty) =>
    new Problem(422, 'setting_is_fixed', { detail: 'this cannot be changed here', errors: faults }),
  wallet_removed: ({ faults }: Faulty) =>
    new Problem(422, 'wallet_removed', {
      detail: 'wallets may be added and changed, not removed',
      errors: faults,
    }),
  invalid_settings: ({ faults }: Faulty) =>
    new Problem(400, 'invalid_request', { detail: 'the request is not valid', errors: faults }),
} satisfies {
  [Code in SettingsRejection['code']]: (rejection: Extract<SettingsRejection, { code: Code }>) => Problem;
};

type Faulty = Readonly<{ faults: readonly { pointer: string; detail: string }[] }>;

function problemOf(rejection: SettingsRejection): Problem {
  return problems[rejection.code](rejection as never);
}
