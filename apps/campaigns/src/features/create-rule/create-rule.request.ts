import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  Equals,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { CODE_PATTERN, isCurrency, parseInstant } from '@kizuna/kernel';

@ValidatorConstraint({ name: 'instant' })
class InstantConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && parseInstant(value) !== undefined;
  }

  defaultMessage(): string {
    return 'must be an RFC 3339 instant with an offset';
  }
}

@ValidatorConstraint({ name: 'currency' })
class CurrencyConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isCurrency(value);
  }

  defaultMessage(): string {
    return 'must be an ISO 4217 currency code';
  }
}

const VALUES = [
  ValidateIf((_, value) => value !== undefined),
  IsArray(),
  ArrayMinSize(1),
  ArrayMaxSize(500),
  ArrayUnique(),
  IsString({ each: true }),
  Matches(/^[^\p{Cc}\p{Cs}]{1,200}$/u, { each: true }),
];
const filterValues = (): PropertyDecorator => (target, property) => {
  for (const decorate of VALUES) decorate(target, property);
};

/** Which lines a rule looks at; every named list must match, any value of it will do. */
export class LineFilterRequest {
  @filterValues()
  skus?: string[];

  @filterValues()
  categories?: string[];

  @filterValues()
  brands?: string[];

  @filterValues()
  @IsIn(['product', 'gift_card', 'service'], { each: true })
  kinds?: string[];
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
  @Max(1_000_000_000)
  per_minor: number = 0;
}

export class BaseRateRequest {
  @Equals('base_rate')
  kind = 'base_rate' as const;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @ArrayUnique((rate: RateRequest) => rate?.currency)
  @ValidateNested({ each: true })
  @Type(() => RateRequest)
  rates: RateRequest[] = [];
}

/** Body of `POST /v1/rules`: a new rule, or the next version of the one with this code. */
export class CreateRuleRequest {
  @Matches(new RegExp(CODE_PATTERN))
  code: string = '';

  /** What an explanation calls it. */
  @Matches(/^(?=.*\S)[^\p{Cc}\p{Cs}]{1,200}$/u)
  label: string = '';

  @Equals('purchase')
  trigger = 'purchase' as const;

  @Matches(new RegExp(CODE_PATTERN))
  wallet: string = '';

  /** The higher one gets a line that several rules match. */
  @IsInt()
  @Min(-1_000_000)
  @Max(1_000_000)
  priority: number = 0;

  @IsObject()
  @ValidateNested()
  @Type(() => LineFilterRequest)
  line_filter: LineFilterRequest = new LineFilterRequest();

  @IsObject()
  @ValidateNested()
  @Type(() => BaseRateRequest)
  reward: BaseRateRequest = new BaseRateRequest();

  /** From when it decides; without it, as soon as possible. */
  @ValidateIf((_, value) => value !== undefined)
  @Validate(InstantConstraint)
  valid_from?: string;

  @IsOptional()
  @Validate(InstantConstraint)
  valid_to?: string | null;
}
