import { ValidationPipe, type ValidationError } from '@nestjs/common';
import type { Fault } from '@kizuna/contracts';
import { Problem } from './problem.js';

function faults(errors: readonly ValidationError[], at = ''): Fault[] {
  return errors.flatMap(({ property, constraints, children }) => {
    const pointer = `${at}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const own = Object.entries(constraints ?? {}).map(([rule, detail]) => ({
      pointer,
      detail: rule === 'whitelistValidation' ? 'is not a known property' : detail,
    }));
    return [...own, ...faults(children ?? [], pointer)];
  });
}

/** Validates management commands; unknown properties are refused, nothing is converted in silence. */
export const commandValidation = (): ValidationPipe =>
  new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    exceptionFactory: (errors) =>
      new Problem(400, 'invalid_request', { detail: 'the request is not valid', errors: faults(errors) }),
  });
