import { Inject, Injectable, Logger } from '@nestjs/common';
import { Problem, ROOM_CONFIG, type Caller } from '@kizuna/service';
import type { GatewayConfig } from '../gateway.config.js';
import { ServiceTokens } from './service-tokens.js';

const TIMEOUT_MS = 10_000;
/** What of an answer reaches the caller; whatever else another room says stays inside. */
const PASSED_HEADERS = ['content-type', 'retry-after'] as const;

export const UPSTREAMS = ['campaigns', 'points-ledger'] as const;
export type Upstream = (typeof UPSTREAMS)[number];

export interface Question {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly timeoutMs?: number;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Asks the rooms behind the front door, with a token in place of the API key. */
@Injectable()
export class Upstreams {
  private readonly logger = new Logger('forwarding');
  private readonly urls: Readonly<Record<Upstream, string>>;

  constructor(
    @Inject(ROOM_CONFIG) { campaignsUrl, pointsLedgerUrl }: GatewayConfig,
    private readonly tokens: ServiceTokens,
  ) {
    this.urls = { campaigns: campaignsUrl, 'points-ledger': pointsLedgerUrl };
  }

  /** @throws Problem 503 `upstream_unavailable`, 504 `upstream_timeout` */
  async ask(upstream: Upstream, question: Question): Promise<UpstreamAnswer> {
    const answer = await this.answer(upstream, question);
    // Our token was refused, not the caller's key.
    if (answer.status !== 401) return answer;
    this.logger.error({ upstream }, 'the signed token was refused');
    throw unavailable(upstream);
  }

  private async answer(upstream: Upstream, question: Question): Promise<UpstreamAnswer> {
    const { caller, correlationId, method, path, body, idempotencyKey, timeoutMs = TIMEOUT_MS } = question;
    const token = await this.tokens.for(caller, upstream);
    const hasBody = body !== undefined && body !== null;
    try {
      const response = await fetch(new URL(path, this.urls[upstream]), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'x-correlation-id': correlationId,
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
        },
        ...(hasBody ? { body: JSON.stringify(body) } : {}),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return {
        status: response.status,
        headers: passed(response.headers),
        body: Buffer.from(await response.arrayBuffer()),
      };
    } catch (error) {
      this.logger.warn({ err: error, upstream }, 'another room did not answer');
      if (error instanceof DOMException && error.name === 'TimeoutError')
        throw new Problem(504, 'upstream_timeout', {
          detail: `${upstream} did not answer in ${timeoutMs / 1_000} s`,
        });
      throw unavailable(upstream);
    }
  }
}

function passed(headers: Headers): Readonly<Record<string, string>> {
  return Object.fromEntries(
    PASSED_HEADERS.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

function unavailable(upstream: Upstream): Problem {
  return new Problem(503, 'upstream_unavailable', { detail: `${upstream} cannot be reached`, retryAfter: 2 });
}
