import { Inject, Injectable, Logger } from '@nestjs/common';
import { Problem, ROOM_CONFIG, type CallerRequest } from '@kizuna/service';
import type { FastifyReply } from 'fastify';
import type { GatewayConfig } from '../gateway.config.js';
import { ServiceTokens } from './service-tokens.js';

const TIMEOUT_MS = 10_000;
/** What of an answer reaches the caller; whatever else another room says stays inside. */
const PASSED_HEADERS = ['content-type', 'retry-after'] as const;

export type Upstream = 'campaigns' | 'points-ledger';

/** Hands a request on to the room that answers it, with a token in place of the API key, and its answer back. */
@Injectable()
export class Forwarder {
  private readonly logger = new Logger('forwarding');
  private readonly urls: Readonly<Record<Upstream, string>>;

  constructor(
    @Inject(ROOM_CONFIG) { campaignsUrl, pointsLedgerUrl }: GatewayConfig,
    private readonly tokens: ServiceTokens,
  ) {
    this.urls = { campaigns: campaignsUrl, 'points-ledger': pointsLedgerUrl };
  }

  /** @throws Problem 503 `upstream_unavailable`, 504 `upstream_timeout` */
  async forward(
    request: CallerRequest,
    reply: FastifyReply,
    upstream: Upstream,
    path: string,
  ): Promise<void> {
    const { status, headers, body } = await this.ask(request, upstream, path);
    if (status === 401) {
      // Our token was refused, not the caller's key.
      this.logger.error({ upstream }, 'the signed token was refused');
      throw unavailable(upstream);
    }
    for (const name of PASSED_HEADERS) {
      const value = headers.get(name);
      if (value !== null) void reply.header(name, value);
    }
    void reply.status(status).send(body);
  }

  private async ask(
    request: CallerRequest,
    upstream: Upstream,
    path: string,
  ): Promise<{ status: number; headers: Headers; body: Buffer }> {
    const { caller, method, id } = request;
    if (!caller) throw new Error('a forwarded route is guarded');
    const token = await this.tokens.for(caller, upstream);
    const hasBody = request.body !== undefined && request.body !== null;
    try {
      const response = await fetch(new URL(path + queryOf(request.url), this.urls[upstream]), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'x-correlation-id': id,
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
        },
        ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return {
        status: response.status,
        headers: response.headers,
        body: Buffer.from(await response.arrayBuffer()),
      };
    } catch (error) {
      this.logger.warn({ err: error, upstream }, 'another room did not answer');
      if (error instanceof DOMException && error.name === 'TimeoutError')
        throw new Problem(504, 'upstream_timeout', {
          detail: `${upstream} did not answer in ${TIMEOUT_MS / 1_000} s`,
        });
      throw unavailable(upstream);
    }
  }
}

function unavailable(upstream: Upstream): Problem {
  return new Problem(503, 'upstream_unavailable', { detail: `${upstream} cannot be reached`, retryAfter: 2 });
}

function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start);
}
