import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { problemDocument } from '@kizuna/service';
import type { FastifyInstance } from 'fastify';
import { hasKey } from '../domain/api-key.js';

/**
 * A key in an address lands in logs, histories and referrers of others: it is refused whether it is good or not, before
 * anything is made of it.
 */
@Injectable()
export class KeysInAddresses implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addHook('onRequest', async (request, reply) => {
      if (!hasKey(request.url)) return;
      const detail =
        'an API key belongs into the Authorization header and never into an address: revoke this one';
      await reply
        .status(400)
        .header('content-type', 'application/problem+json')
        .send(problemDocument(400, 'key_in_address', { detail }));
    });
  }
}
