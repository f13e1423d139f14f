import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dropDatabase, realParts, TEST_PASSWORDS, uniqueName } from '@kizuna/testing';
import { createProgram, type NewProgram } from '../local/programs.js';
import { ROOMS } from '../local/rooms.js';
import { startLocal, type LocalRun } from '../local/start-local.js';
import { ProgramClient } from '../start/program-client.js';
import { settle } from '../start/settle.js';
import { toolsFolder } from '../stack/context.js';
import type { Stack } from '../stack/index.js';
import { Shop } from './shop.js';

export const REPOSITORY = dirname(toolsFolder());
const HOUR_MS = 3_600_000;
const START_MS = 120_000;

/** A folder for an installation on the servers of this run; its roles are those that every other suite uses. */
export function installationFolder(word: string): string {
  const directory = mkdtempSync(join(tmpdir(), `kizuna-${word}-`));
  const secrets = { ...TEST_PASSWORDS, operatorSecret: uniqueName('operator') };
  writeFileSync(join(directory, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 });
  return directory;
}

export async function dropInstallation(databaseSuffix: string): Promise<void> {
  const server = realParts().adminUrl;
  for (const room of ROOMS) {
    const url = new URL(server);
    url.pathname = `/kizuna_${room.replaceAll('-', '_')}${databaseSuffix}`;
    await dropDatabase({ ownerUrl: url.href, runtimeUrl: url.href });
  }
}

export interface ProgramWanted {
  readonly currency?: string;
  readonly timeZone?: string;
  /** Makes it a test program, whose present this is. */
  readonly clockAt?: string;
  /** Whatever else its settings are to say. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** The three services as processes of the build, on the servers of this run, under names of their own. */
export class Story {
  private readonly programs = new Map<string, NewProgram>();

  private constructor(
    readonly local: LocalRun,
    readonly directory: string,
    private readonly databaseSuffix: string,
    private readonly startedAt: number,
  ) {}

  static async start(instances = 1): Promise<Story> {
    const directory = installationFolder('story');
    const name = uniqueName('story');
    const databaseSuffix = `_${name.replaceAll('-', '_')}`;
    const { adminUrl, brokers } = realParts();
    const stack: Stack = {
      postgres: { adminUrl, from: 'environment', version: '18' },
      kafka: { brokers, from: 'environment' },
      stop: async () => undefined,
    };
    const local = await startLocal({
      directory,
      stack,
      root: REPOSITORY,
      topicPrefix: name,
      databaseSuffix,
      instances,
      report: () => undefined,
    });
    return new Story(local, directory, databaseSuffix, Date.now());
  }

  /** A program of its own, with a key that may do everything; it began a day ago. */
  async program(
    word: string,
    { currency = 'JPY', timeZone = 'Asia/Tokyo', clockAt, settings = {} }: ProgramWanted = {},
  ): Promise<Shop> {
    const present = clockAt === undefined ? this.startedAt : Date.parse(clockAt);
    const startsAt = new Date(present - 24 * HOUR_MS).toISOString();
    const programId = uniqueName(word);
    const program: NewProgram = {
      program_id: programId,
      name: word,
      mode: clockAt === undefined ? 'live' : 'test',
      currency,
      time_zone: timeZone,
      starts_at: startsAt,
      ...(clockAt === undefined ? {} : { clock_at: clockAt }),
      ...settings,
    };
    this.programs.set(programId, program);
    const { api_key } = await createProgram(REPOSITORY, this.local.gatewayDatabaseUrl, program);
    const occurredAt = clockAt ?? new Date(this.startedAt - HOUR_MS).toISOString();
    const client = new ProgramClient(this.local.urls.gateway, api_key);
    return new Shop(client, programId, currency, occurredAt, startsAt);
  }

  /** One more key of a program, which may do only what it names. */
  async key({ programId }: Shop, scopes: readonly string[]): Promise<string> {
    const program = this.programs.get(programId);
    if (!program) throw new Error(`the story has no program ${programId}`);
    const key = { name: 'story', scopes };
    const { api_key } = await createProgram(REPOSITORY, this.local.gatewayDatabaseUrl, { ...program, key });
    return api_key;
  }

  /** Until everything that was acknowledged has its effects. */
  async settled(): Promise<void> {
    await settle(this.local, () => undefined);
  }

  async stop(): Promise<void> {
    await this.local.stop();
    await dropInstallation(this.databaseSuffix);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Starts before the tests of a suite and stops after them. */
export function useStory(prepare: (story: Story) => Promise<void>, instances = 1): void {
  let story: Story | undefined;
  beforeAll(async () => {
    story = await Story.start(instances);
    await prepare(story);
  }, START_MS);
  afterAll(() => story?.stop(), START_MS);
}
