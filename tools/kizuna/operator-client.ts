import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOMS, type RoomName } from '../local/rooms.js';
import { localRunPath } from '../local/start-local.js';
import { NothingRuns } from './installation.js';

/** What a room's operators' door refused, in its own words. */
export class Refused extends Error {}

/** Speaks to the operators' doors of the rooms: those that run here, or the ones in the environment. */
export class OperatorClient {
  constructor(
    private readonly urls: Readonly<Record<RoomName, readonly string[]>>,
    private readonly secret: string,
  ) {}

  /** `KIZUNA_INTERNAL_URLS` (`room=url,…`) with `OPERATOR_SECRET`, else the installation in the directory. */
  static of(directory: string, environment: Readonly<Record<string, string | undefined>>): OperatorClient {
    const { KIZUNA_INTERNAL_URLS: urls, OPERATOR_SECRET: secret } = environment;
    if (urls && secret) return new OperatorClient(fromEnvironment(urls), secret);
    const secrets = join(directory, 'secrets.json');
    if (!existsSync(localRunPath(directory)) || !existsSync(secrets))
      throw new NothingRuns(
        `Nothing runs in ${directory}: run "npm start" in another terminal and leave it running, or set KIZUNA_INTERNAL_URLS and OPERATOR_SECRET.`,
      );
    const { internalUrls } = JSON.parse(readFileSync(localRunPath(directory), 'utf8')) as {
      internalUrls: Record<RoomName, string[]>;
    };
    const { operatorSecret } = JSON.parse(readFileSync(secrets, 'utf8')) as { operatorSecret: string };
    return new OperatorClient(internalUrls, operatorSecret);
  }

  /** Instances of a room share a database, so the first one that answers speaks for all. */
  async ask(room: RoomName, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    let failure = `no address of ${room} is known`;
    for (const url of this.urls[room]) {
      try {
        return await this.askAt(url, method, path, body);
      } catch (error) {
        if (error instanceof Refused) throw error;
        failure = error instanceof Error ? error.message : String(error);
      }
    }
    throw new NothingRuns(`${room} does not answer (${failure}): is it running?`);
  }

  private async askAt(url: string, method: string, path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const answer: unknown = JSON.parse(await response.text());
    if (response.ok) return answer;
    const { code, detail } = answer as { code?: string; detail?: string };
    throw new Refused(`${response.status} ${code ?? ''}: ${detail ?? JSON.stringify(answer)}`);
  }
}

function fromEnvironment(text: string): Record<RoomName, readonly string[]> {
  const pairs = text.split(',').map((pair) => pair.split('='));
  return Object.fromEntries(
    ROOMS.map((room) => [room, pairs.filter(([name]) => name === room).map(([, url = '']) => url)]),
  ) as unknown as Record<RoomName, readonly string[]>;
}
