import {
  createParamDecorator,
  SetMetadata,
  type CustomDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Everything that a credential may be allowed to do: a closed list. */
export const SCOPES = [
  'events:write',
  'purchases:read',
  'wallets:read',
  'redemptions:write',
  'adjustments:write',
  'rules:read',
  'rules:write',
  'members:read',
  'members:write',
  'reviews:write',
  'settings:read',
  'settings:write',
  'keys:write',
] as const;

export type Scope = (typeof SCOPES)[number];

/** Who asks, in which program. */
export interface Caller {
  readonly programId: string;
  readonly scopes: ReadonlySet<string>;
  /** The credential behind the request, e.g. `key:ab12cd34`. */
  readonly actor: string;
}

export type CallerRequest = FastifyRequest & { caller?: Caller };

export const SCOPE_METADATA = 'kizuna:scope';
export const OPEN_METADATA = 'kizuna:open';

/** The scope that a route needs. A route without one is refused to everybody, unless it is `@Open()`. */
export const NeedsScope = (scope: Scope): CustomDecorator => SetMetadata(SCOPE_METADATA, scope);

/** No credential of a program is asked for: health, key set, and what has a guard of its own. */
export const Open = (): CustomDecorator => SetMetadata(OPEN_METADATA, true);

export const AsCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<CallerRequest>();
  if (!caller) throw new Error('a guarded route has a caller');
  return caller;
});
