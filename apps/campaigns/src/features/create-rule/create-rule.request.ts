import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Matches,
  Max,
  Min,
  Validate,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { CODE_PATTERN } from '@kizuna/kernel';
import { ActivityConstraint, CapConstraint, ExpiryConstraint, InstantConstraint } from './constraints.js';
import {
  CapRequest,
  ExpiryRequest,
  LineFilterRequest,
  PENDING_KINDS,
  PendingRequest,
  type AnyPending,
} from './limits.request.js';
import { REWARD_KINDS, RewardRequest, type AnyReward } from './reward.request.js';

const LABEL = /^(?=.*\S)[^\p{Cc}\p{Cs}]{1,200}$/u;
/** Its size and words are judged by the rule language; here only that it can be stored. */
const EXPRESSION = /^[^\u0000\p{Cs}]*$/u;
const CONDITIONS_MAX = 20;

export class ConditionRequest {
  /** What an explanation calls it. */
  @Matches(LABEL)
  label: string = '';

  @IsOptional()
  @Matches(LABEL)
  label_ja?: string | null;

  @Matches(EXPRESSION)
  expression: string = '';
}

/** Body of `POST /v1/rules`: a new rule, or the next version of the one with this code. */
export class CreateRuleRequest {
  @Matches(new RegExp(CODE_PATTERN))
  code: string = '';

  /** What an explanation calls it. */
  @Matches(LABEL)
  label: string = '';

  @IsOptional()
  @Matches(LABEL)
  label_ja?: string | null;

  @IsIn(['purchase', 'engagement'])
  trigger: 'purchase' | 'engagement' = 'purchase';

  @Validate(ActivityConstraint)
  activity?: string;

  @Matches(new RegExp(CODE_PATTERN))
  wallet: string = '';

  /** The higher one gets a line that several base rates match. */
  @IsInt()
  @Min(-1_000_000)
  @Max(1_000_000)
  priority: number = 0;

  @IsArray()
  @ArrayMaxSize(CONDITIONS_MAX)
  @ValidateNested({ each: true })
  @Type(() => ConditionRequest)
  conditions: ConditionRequest[] = [];

  @IsObject()
  @ValidateNested()
  @Type(() => LineFilterRequest)
  line_filter: LineFilterRequest = new LineFilterRequest();

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  minimum_eligible_minor?: number | null;

  @IsObject()
  @ValidateNested()
  @Type(() => RewardRequest, REWARD_KINDS)
  reward: AnyReward = new RewardRequest() as AnyReward;

  @IsOptional()
  @IsObject()
  @Validate(CapConstraint)
  @ValidateNested()
  @Type(() => CapRequest)
  cap?: CapRequest | null;

  /** Without it, as the settings of the program say. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PendingRequest, PENDING_KINDS)
  pending?: AnyPending | null;

  /** Without it, as the settings say of the wallet. */
  @IsOptional()
  @IsObject()
  @Validate(ExpiryConstraint)
  @ValidateNested()
  @Type(() => ExpiryRequest)
  expiry?: ExpiryRequest | null;

  /** From when it decides; without it, as soon as possible. */
  @ValidateIf((_, value) => value !== undefined)
  @Validate(InstantConstraint)
  valid_from?: string;

  @IsOptional()
  @Validate(InstantConstraint)
  valid_to?: string | null;
}
