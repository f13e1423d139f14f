import { setTimeout as sleep } from 'node:timers/promises';
import type { History } from './history.js';

const ATTEMPT_LIMIT_MS = 10_000;
const GIVE_UP_AFTER_MS = 180_000;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_LAST_MS = 2_000;

interface More {
  readonly idempotencyKey?: string;
  /** Requests with the same word are under way at the same time. */
  readonly together?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Several front doors of one program. A request goes to the other when one does not answer, with the same content. */
export class FrontDoors {
  constructor(
    private readonly urls: readonly string[],
    private readonly apiKey: string,
    private readonly history: History,
  ) {}

  /** Sends until there is an answer that counts. @throws when there was none for three minutes */
  async send(path: string, body: unknown, first = 0, more: More = {}): Promise<Answer> {
    const { history } = this;
    const id = history.newId();
    const until = Date.now() + GIVE_UP_AFTER_MS;
    let waitMs = BACKOFF_FIRST_MS;
    for (let attempt = 1; ; attempt += 1) {
      const url = this.url(first + attempt - 1);
      history.invoke(id, attempt, url, { path, body, together: more.together });
      const answer = await this.attempt(url, 'POST', path, body, more.idempotencyKey);
      if (typeof answer !== 'string' && !isPassing(answer)) {
        history.answered(answer.status < 300 ? 'ok' : 'fail', id, answer.status, answer.body);
        return answer;
      }
      const reason = typeof answer === 'string' ? answer : `status ${answer.status}`;
      history.unknown(id, reason);
      if (Date.now() > until)
        throw new Error(`POST ${path} has no answer for three minutes, last: ${reason}`);
      await sleep(waitMs);
      waitMs = Math.min(waitMs * 2, BACKOFF_LAST_MS);
    }
  }

  /** One try at each door; undefined when none answers. */
  async read(path: string): Promise<Answer | undefined> {
    for (const url of this.urls) {
      const answer = await this.attempt(url, 'GET', path, undefined, undefined, 2_000);
      if (typeof answer !== 'string' && !isPassing(answer)) return answer;
    }
    return undefined;
  }

  private url(attempt: number): string {
    return this.urls[attempt % this.urls.length] ?? '';
  }

  private async attempt(
    url: string,
    method: string,
    path: string,
    body: unknown,
    idempotencyKey: string | undefined,
    limitMs = ATTEMPT_LIMIT_MS,
  ): Promise<Answer | string> {
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.apiKey}`,
          'content-type': 'application/json',
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(limitMs),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    } catch (error) {
      const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
      return cause?.code ?? (error instanceof Error ? error.message : String(error));
    }
  }
}

/**
 * Not an answer to what was asked. An attempt that got no answer may still be at work: the key then says so. A door that was
 * frozen while it read a request says that it took too long.
 */
const isPassing = ({ status, body }: Answer): boolean =>
  status === 408 ||
  status === 429 ||
  status >= 500 ||
  (status === 409 && (body as { code?: string } | undefined)?.code === 'command_in_flight');
