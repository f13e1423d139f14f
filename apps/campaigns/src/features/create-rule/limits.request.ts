import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Matches,
  Max,
  Min,
  Validate,
  ValidateIf,
} from 'class-validator';
import {
  AttributeFilterConstraint,
  DayConstraint,
  EXPIRY_KINDS,
  TermConstraint,
  YearlyDayConstraint,
} from './constraints.js';

const present = ValidateIf((_, value) => value !== undefined);

const VALUES = [
  present,
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

  @present
  @Validate(AttributeFilterConstraint)
  attributes?: Record<string, string[]>;
}

/** Per member and month of the program's zone. */
export class CapRequest {
  @present
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  awards?: number;

  @present
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  units?: number;

  /** Nothing instead of what is left. */
  @present
  @IsBoolean()
  all_or_nothing?: boolean;
}

export class PendingRequest {
  @IsIn(['none', 'duration', 'until_date'])
  kind: string = '';
}

export class NoPendingRequest extends PendingRequest {
  declare kind: 'none';
}

export class DurationRequest extends PendingRequest {
  declare kind: 'duration';

  /** Days after the day of the event. */
  @IsInt()
  @Min(0)
  @Max(3_650)
  declare days: number;
}

export class UntilDateRequest extends PendingRequest {
  declare kind: 'until_date';

  @Validate(DayConstraint)
  date: string = '';
}

export type AnyPending = NoPendingRequest | DurationRequest | UntilDateRequest;

export const PENDING_KINDS = {
  discriminator: {
    property: 'kind',
    subTypes: [
      { name: 'none', value: NoPendingRequest },
      { name: 'duration', value: DurationRequest },
      { name: 'until_date', value: UntilDateRequest },
    ],
  },
  keepDiscriminatorProperty: true,
};

/** An expiry policy as in the settings; which properties a kind needs is checked as a whole. */
export class ExpiryRequest {
  @IsIn(EXPIRY_KINDS)
  declare kind: (typeof EXPIRY_KINDS)[number];

  @present
  @Validate(TermConstraint)
  count?: number;

  @present
  @IsIn(['day', 'month', 'year'])
  unit?: 'day' | 'month' | 'year';

  @present
  @IsIn(['none', 'day', 'month', 'quarter', 'year'])
  round_to?: 'none' | 'day' | 'month' | 'quarter' | 'year';

  @present
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(12)
  @ArrayUnique()
  @Validate(YearlyDayConstraint, { each: true })
  dates?: string[];
}
