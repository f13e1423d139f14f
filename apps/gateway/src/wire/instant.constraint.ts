import { ValidatorConstraint, type ValidatorConstraintInterface } from 'class-validator';
import { parseInstant } from '@kizuna/kernel';

@ValidatorConstraint({ name: 'instant' })
export class InstantConstraint implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && parseInstant(value) !== undefined;
  }

  defaultMessage(): string {
    return 'must be an RFC 3339 instant with an offset';
  }
}
