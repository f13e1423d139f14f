import type { ProgramSettings } from '@kizuna/contracts';
import { Allow, IsInt, Min } from 'class-validator';

/**
 * Body of `PATCH /v1/program`: the revision that it was made on, and the settings that are to change. It may name every
 * setting, so that a document that was read can be sent back; their bounds stand in one place, the event's contract.
 */
export class ChangeProgramRequest implements Record<keyof ProgramSettings, unknown> {
  @IsInt()
  @Min(1)
  revision: number = 0;

  @Allow() program_id: unknown;
  @Allow() name: unknown;
  @Allow() mode: unknown;
  @Allow() time_zone: unknown;
  @Allow() currency: unknown;
  @Allow() wallets: unknown;
  @Allow() rounding: unknown;
  @Allow() earn_net_of_tax: unknown;
  @Allow() late_window_days: unknown;
  @Allow() max_award: unknown;
  @Allow() starts_at: unknown;
  @Allow() return_window_days: unknown;
  @Allow() min_life_days: unknown;
  @Allow() min_restored_days: unknown;
  @Allow() clawback_policy: unknown;
  @Allow() rounding_scope: unknown;
  @Allow() bonus_from: unknown;
  @Allow() clock_at: unknown;
}
