import type { PipeTransform } from '@nestjs/common';
import { Problem } from '@kizuna/service';

/** Query parameters of a route, each at most once. */
export type Parameters<Name extends string> = Readonly<Partial<Record<Name, string>>>;

/**
 * The parameters that a route knows. A filter that is misspelt must not answer as if it had been asked, so any other one is
 * refused.
 */
export class OnlyParameters<Name extends string> implements PipeTransform<
  Readonly<Record<string, unknown>>,
  Parameters<Name>
> {
  private readonly names: readonly string[];

  constructor(...names: Name[]) {
    this.names = names;
  }

  /** @throws Problem 400 */
  transform(query: Readonly<Record<string, unknown>>): Parameters<Name> {
    const errors = Object.entries(query).flatMap(([name, value]) => {
      const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (!this.names.includes(name)) return [{ pointer, detail: this.unknown() }];
      return typeof value === 'string' ? [] : [{ pointer, detail: 'must be given once' }];
    });
    if (errors.length > 0)
      throw new Problem(400, 'invalid_request', { detail: 'the request is not valid', errors });
    return query as Parameters<Name>;
  }

  private unknown(): string {
    return this.names.length === 0
      ? 'is not a known parameter: there are none'
      : `is not a known parameter: these are ${this.names.join(', ')}`;
  }
}

export const pageParameters = new OnlyParameters('limit', 'cursor');
export const noParameters = new OnlyParameters<never>();
