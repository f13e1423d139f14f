import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const ATTEMPT_LIMIT_MS = 20_000;

/** The public API over kept connections; lean, because it shares the cores with what is measured. */
export class FrontDoor {
  private readonly agent: Agent;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly url: string,
    apiKey: string,
    connections: number,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path, undefined, true);
  }

  post(path: string, body: object): Promise<Answer> {
    return this.ask('POST', path, Buffer.from(JSON.stringify(body)), true);
  }

  /** The answer's text is not kept: its status says whether every event was taken in. */
  async postBatch(body: Buffer): Promise<number> {
    return (await this.ask('POST', '/v1/events', body, false)).status;
  }

  close(): void {
    this.agent.destroy();
  }

  private ask(method: string, path: string, body: Buffer | undefined, keepText: boolean): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = body ? { ...this.headers, 'content-length': body.length } : this.headers;
      const call = request(`${this.url}${path}`, { method, agent: this.agent, headers }, (response) => {
        let text = '';
        if (keepText) response.setEncoding('utf8').on('data', (part: string) => (text += part));
        else response.resume();
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.once('error', reject);
      });
      call.setTimeout(ATTEMPT_LIMIT_MS, () => call.destroy(new Error(`${method} ${path} is not answered`)));
      call.once('error', reject);
      call.end(body);
    });
  }
}
