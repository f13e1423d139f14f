import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  Matches,
  Max,
  Min,
  Validate,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { CODE_PATTERN } from '@kizuna/kernel';
import type { GroupMode } from '../../domain/earning-rule.js';
import { CurrencyConstraint } from './constraints.js';

const UNITS_MAX = 1_000_000_000;
const MULTIPLIER_MAX_BP = 1_000_000;
const WHOLE_BP = 10_000;

/** What every reward has; alone, a reward of a kind that does not exist. */
export class RewardRequest {
  @IsIn(['base_rate', 'multiplier', 'fixed', 'cashback'])
  kind: string = '';
}

export class RateRequest {
  @Validate(CurrencyConstraint)
  currency: string = '';

  /** Whole units given … */
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  units: number = 0;

  /** … for so many minor units of the currency. */
  @IsInt()
  @Min(1)
  @Max(UNITS_MAX)
  per_minor: number = 0;
}

export class BaseRateRequest extends RewardRequest {
  declare kind: 'base_rate';

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @ArrayUnique((rate: RateRequest) => rate?.currency)
  @ValidateNested({ each: true })
  @Type(() => RateRequest)
  rates: RateRequest[] = [];

  @ValidateIf((_, value) => value !== undefined)
  @IsIn(['exact', 'per_step'])
  accrual?: 'exact' | 'per_step';
}

export class MultiplierRequest extends RewardRequest {
  declare kind: 'multiplier';

  /** 20,000 = 2 ×; the base is one of the two. */
  @IsInt()
  @Min(WHOLE_BP + 1)
  @Max(MULTIPLIER_MAX_BP)
  multiplier_bp: number = 0;

  @Matches(new RegExp(CODE_PATTERN))
  group: string = '';

  @IsIn(['best', 'additive', 'multiplicative'])
  declare mode: GroupMode;
}

export class FixedRequest extends RewardRequest {
  declare kind: 'fixed';

  @IsInt()
  @Min(1)
  @Max(UNITS_MAX)
  units: number = 0;
}

export class CashbackRequest extends RewardRequest {
  declare kind: 'cashback';

  /** 300 = 3 %. */
  @IsInt()
  @Min(1)
  @Max(WHOLE_BP)
  percent_bp: number = 0;
}

export type AnyReward = BaseRateRequest | MultiplierRequest | FixedRequest | CashbackRequest;

export const REWARD_KINDS = {
  discriminator: {
    property: 'kind',
    subTypes: [
      { name: 'base_rate', value: BaseRateRequest },
      { name: 'multiplier', value: MultiplierRequest },
      { name: 'fixed', value: FixedRequest },
      { name: 'cashback', value: CashbackRequest },
    ],
  },
  keepDiscriminatorProperty: true,
};
