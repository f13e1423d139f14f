import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RoomConfig } from './config.js';
import { Problem } from './problem.js';
import { ROOM_CONFIG } from './room.tokens.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Lets the platform team in, by the secret of the installation; never a program's credential. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(@Inject(ROOM_CONFIG) private readonly config: RoomConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const isOperator = timingSafeEqual(
      digest(headers.authorization ?? ''),
      digest(`Bearer ${this.config.operatorSecret}`),
    );
    if (!isOperator) throw new Problem(401, 'unauthorized', { detail: 'the operator secret is needed' });
    return true;
  }
}
