import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { OPEN_METADATA, SCOPE_METADATA, type Caller, type CallerRequest, type Scope } from './caller.js';
import { Problem } from './problem.js';

/** Finds out who asks. */
export interface Authentication {
  /**
   * @param address where the question comes from
   * @returns undefined when the credential is not valid
   */
  authenticate(bearer: string, address: string): Promise<Caller | undefined>;
}

/** Closed by default: every HTTP route needs a valid credential and names the scope it wants. */
export class AuthenticationGuard implements CanActivate {
  private readonly reflector = new Reflector();

  constructor(private readonly authentication: Authentication) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(OPEN_METADATA, targets)) return true;

    const request = context.switchToHttp().getRequest<CallerRequest>();
    const bearer = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
    const caller = bearer ? await this.authentication.authenticate(bearer, request.ip) : undefined;
    if (!caller)
      throw new Problem(401, 'unauthorized', {
        detail: 'a valid credential is needed in the Authorization header',
      });

    const scope = this.reflector.getAllAndOverride<Scope>(SCOPE_METADATA, targets);
    if (!scope || !caller.scopes.has(scope))
      throw new Problem(403, 'missing_scope', {
        detail: scope ? `the credential lacks the scope ${scope}` : 'nobody may do this',
      });
    request.caller = caller;
    return true;
  }
}
