import { Type } from 'class-transformer';
import {
  IsInt,
  IsObject,
  Matches,
  Max,
  Min,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { BUSINESS_ID_PATTERN, CODE_PATTERN, isCurrency, MEMBER_ID_PATTERN } from '@kizuna/kernel';

@ValidatorConstraint({ name: 'currency' })
class CurrencyConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isCurrency(value);
  }

  defaultMessage(): string {
    return 'must be an ISO 4217 currency code';
  }
}

const MAX_UNITS = 1_000_000_000_000;
const isGiven = (_: unknown, value: unknown): boolean => value !== undefined;

/** The order that the units pay for, or help to. */
export class RedeemedOrderRequest {
  @Matches(new RegExp(BUSINESS_ID_PATTERN))
  order_id: string = '';

  @Validate(CurrencyConstraint)
  currency: string = '';

  /** What is to be paid before the units are counted. */
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  amount_minor: number = 0;
}

/** Body of `POST /v1/redemptions`. */
export class RedeemPointsRequest {
  /** The shop's own id of this redemption: asked again, it is answered again and nothing is spent twice. */
  @Matches(new RegExp(BUSINESS_ID_PATTERN))
  redemption_id: string = '';

  @Matches(new RegExp(MEMBER_ID_PATTERN))
  member_id: string = '';

  @Matches(new RegExp(CODE_PATTERN))
  wallet: string = '';

  @IsInt()
  @Min(1)
  @Max(MAX_UNITS)
  units: number = 0;

  @ValidateIf(isGiven)
  @IsObject()
  @ValidateNested()
  @Type(() => RedeemedOrderRequest)
  order?: RedeemedOrderRequest;

  @ValidateIf(isGiven)
  @Matches(/^(?=.*\S)[^\p{Cc}\p{Cs}]{1,200}$/u)
  reason?: string;
}
