import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const ATTEMPT_LIMIT_MS = 15_000;
const GIVE_UP_AFTER_MS = 120_000;
const BACKOFF_FIRST_MS = 200;
const BACKOFF_LAST_MS = 3_000;

/** The front door, as a storefront uses it: an unanswered or overloaded request is repeated, which is always safe. */
export class ProgramClient {
  constructor(
    readonly url: string,
    readonly apiKey: string,
  ) {}

  /** @throws when there was no final answer for two minutes */
  async request(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<Answer> {
    const until = Date.now() + GIVE_UP_AFTER_MS;
    for (let waitMs = BACKOFF_FIRST_MS; ; waitMs = Math.min(waitMs * 2, BACKOFF_LAST_MS)) {
      const answer = await this.attempt(method, path, body, idempotencyKey);
      if (typeof answer !== 'string' && answer.status !== 429 && answer.status < 500) return answer;
      const reason = typeof answer === 'string' ? answer : `status ${answer.status}`;
      if (Date.now() > until)
        throw new Error(`${method} ${path} has no answer for two minutes, last: ${reason}`);
      await sleep(waitMs);
    }
  }

  private async attempt(
    method: string,
    path: string,
    body: unknown,
    idempotencyKey?: string,
  ): Promise<Answer | string> {
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.apiKey}`,
          'content-type': 'application/json',
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ATTEMPT_LIMIT_MS),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
