import { UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Fault } from '@kizuna/contracts';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

class QueryGuard implements CanActivate {
  constructor(private readonly names: readonly string[]) {}

  canActivate(context: ExecutionContext): boolean {
    const { query } = context.switchToHttp().getRequest<FastifyRequest>();
    const faults = faultsOfQuery(query as Readonly<Record<string, unknown>>, this.names);
    if (faults.length === 0) return true;
    throw new Problem(400, 'invalid_request', { detail: sentenceOf(faults, this.names), errors: faults });
  }
}

/**
 * The whole query of a route: whatever else is in it, or comes twice, is 400. A read that ignored `as_of` would pass off
 * today's answer as that of another day.
 */
export const TakesQuery = (...names: readonly string[]): ReturnType<typeof UseGuards> =>
  UseGuards(new QueryGuard(names));

export function faultsOfQuery(query: Readonly<Record<string, unknown>>, names: readonly string[]): Fault[] {
  return Object.entries(query).flatMap(([name, value]) => {
    const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!names.includes(name)) return [{ pointer, detail: 'is not a known parameter' }];
    return typeof value === 'string' ? [] : [{ pointer, detail: 'is given more than once' }];
  });
}

function sentenceOf(faults: readonly Fault[], names: readonly string[]): string {
  const wrong = faults.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join(', ');
  return `${wrong}; this call takes ${names.length === 0 ? 'none' : names.join(' and ')}`;
}
