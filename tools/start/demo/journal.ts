import type { SentRequest } from '../../reconcile/calculation.js';
import type { Answer, ProgramClient } from '../program-client.js';

/** Keeps what was sent, with its answers, for the independent calculation. */
export class Journal {
  readonly sent: SentRequest[] = [];

  constructor(readonly client: ProgramClient) {}

  async post(path: string, body: unknown, idempotencyKey?: string): Promise<Answer> {
    const received_at = new Date().toISOString();
    const { status, body: answer } = await this.client.request('POST', path, body, idempotencyKey);
    this.sent.push({ path, body, status, answer, received_at });
    return { status, body: answer };
  }

  /** @throws unless it is answered with one of `wanted` */
  async mustPost(path: string, body: unknown, wanted: readonly number[], key?: string): Promise<unknown> {
    const { status, body: answer } = await this.post(path, body, key);
    if (!wanted.includes(status))
      throw new Error(`POST ${path} answers ${status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async read<Body>(path: string): Promise<Body> {
    const { status, body } = await this.client.request('GET', path);
    if (status !== 200) throw new Error(`GET ${path} answers ${status}: ${JSON.stringify(body)}`);
    return body as Body;
  }
}
