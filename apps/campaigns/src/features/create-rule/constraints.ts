import {
  ValidatorConstraint,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { faultsOfExpiry } from '@kizuna/contracts';
import { CODE_PATTERN, isCurrency, parseInstant } from '@kizuna/kernel';

const CODE = new RegExp(CODE_PATTERN);
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ATTRIBUTE = /^(?!__)[A-Za-z0-9_.-]{1,64}$/;
const VALUE = /^[^\u0000\p{Cs}]{0,500}$/u;
const ATTRIBUTES_MAX = 20;
const VALUES_MAX = 500;

@ValidatorConstraint({ name: 'instant' })
export class InstantConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && parseInstant(value) !== undefined;
  }

  defaultMessage(): string {
    return 'must be an RFC 3339 instant with an offset';
  }
}

@ValidatorConstraint({ name: 'currency' })
export class CurrencyConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isCurrency(value);
  }

  defaultMessage(): string {
    return 'must be an ISO 4217 currency code';
  }
}

@ValidatorConstraint({ name: 'day' })
export class DayConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && DAY.test(value) && parseInstant(`${value}T00:00:00Z`) !== undefined;
  }

  defaultMessage(): string {
    return 'must be a day of the calendar, YYYY-MM-DD';
  }
}

/** An engagement rule names its activity, a purchase rule has none. */
@ValidatorConstraint({ name: 'activity' })
export class ActivityConstraint implements ValidatorConstraintInterface {
  validate(value: unknown, { object }: ValidationArguments): boolean {
    return isEngagement(object) ? typeof value === 'string' && CODE.test(value) : value === undefined;
  }

  defaultMessage({ object }: ValidationArguments): string {
    return isEngagement(object)
      ? `must name the activity, a code like ${CODE_PATTERN}`
      : 'belongs to rules of engagements only';
  }
}

const isEngagement = (rule: object): boolean => 'trigger' in rule && rule.trigger === 'engagement';

/** `{name: [values]}`, values as text. */
@ValidatorConstraint({ name: 'attribute_filter' })
export class AttributeFilterConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const entries = Object.entries(value);
    return entries.length > 0 && entries.length <= ATTRIBUTES_MAX && entries.every(isAttributeFilter);
  }

  defaultMessage(): string {
    return `must be an object of 1 to ${ATTRIBUTES_MAX} attribute names, each with a list of 1 to ${VALUES_MAX} different texts`;
  }
}

function isAttributeFilter([name, values]: [string, unknown]): boolean {
  return (
    ATTRIBUTE.test(name) &&
    Array.isArray(values) &&
    values.length > 0 &&
    values.length <= VALUES_MAX &&
    new Set(values).size === values.length &&
    values.every((value) => typeof value === 'string' && VALUE.test(value))
  );
}

/** A cap without a number limits nothing. */
@ValidatorConstraint({ name: 'cap' })
export class CapConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    const { awards, units } = (value ?? {}) as { awards?: unknown; units?: unknown };
    return awards !== undefined || units !== undefined;
  }

  defaultMessage(): string {
    return 'must limit awards, units or both';
  }
}

/** The properties of an expiry policy fit its kind. */
@ValidatorConstraint({ name: 'expiry' })
export class ExpiryConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return policyFaults(value).length === 0;
  }

  defaultMessage({ value }: ValidationArguments): string {
    return policyFaults(value).join('; ');
  }
}

/** A hundred years, in each unit. */
const LONGEST_TERM = { day: 36_500, month: 1_200, year: 100 } as const;

/** A term of life that a member may see the end of. */
@ValidatorConstraint({ name: 'term' })
export class TermConstraint implements ValidatorConstraintInterface {
  validate(value: unknown, { object }: ValidationArguments): boolean {
    return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= longestOf(object);
  }

  defaultMessage({ object }: ValidationArguments): string {
    return `must be a whole number from 1 to ${longestOf(object)}: a term is a hundred years at the most`;
  }
}

function longestOf(term: object): number {
  const unit = 'unit' in term ? term.unit : undefined;
  // What is wrong with the unit is said about the unit.
  return unit === 'month' || unit === 'year' ? LONGEST_TERM[unit] : LONGEST_TERM.day;
}

/** A day that some year has: 29 February is one, 30 February is not. */
@ValidatorConstraint({ name: 'yearly_day' })
export class YearlyDayConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return (
      typeof value === 'string' &&
      /^\d{2}-\d{2}$/.test(value) &&
      parseInstant(`${LEAP_YEAR}-${value}T00:00:00Z`) !== undefined
    );
  }

  defaultMessage(): string {
    return 'each must be a day of the year, MM-DD';
  }
}

const LEAP_YEAR = 2_000;

export const EXPIRY_KINDS = ['never', 'rolling', 'inactivity', 'fixed_dates'] as const;

function policyFaults(value: unknown): string[] {
  const kind = (value as { kind?: unknown } | null)?.kind;
  // What is wrong with the kind is said about the kind.
  if (!EXPIRY_KINDS.some((known) => known === kind)) return [];
  return faultsOfExpiry(value as Parameters<typeof faultsOfExpiry>[0]);
}
