import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seconds, toolsFolder, type StackContext } from '../context.js';
import { completeFolder } from '../unfinished-folder.js';
import { requireMaven } from './java.js';

export interface KafkaJars {
  readonly version: string;
  readonly folder: string;
}

const run = promisify(execFile);

/** Kafka and what it needs, fetched once per machine and user, and checked by Maven against the checksums. */
export async function kafkaJars(context: StackContext): Promise<KafkaJars> {
  const pom = join(toolsFolder(), 'stack', 'kafka', 'pom.xml');
  const version = versionIn(pom);
  const folder = join(cacheFolder(context.environment), `kafka-${version}`);
  if (existsSync(folder)) return { version, folder };

  await requireMaven(context.environment);
  context.report(`Kafka ${version}: resolving its jars with Maven (first time only)`);
  const startedMs = Date.now();
  await completeFolder(folder, (unfinished) => copyJars(context, pom, unfinished));
  context.report(
    `Kafka ${version}: ${readdirSync(folder).length} jars in ${folder} after ${seconds(startedMs)}`,
  );
  return { version, folder };
}

function versionIn(pom: string): string {
  const version = /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([^<]+)</.exec(
    readFileSync(pom, 'utf8'),
  )?.[1];
  if (version === undefined) throw new Error(`${pom} names no version of Kafka.`);
  return version;
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const { KIZUNA_CACHE: own, XDG_CACHE_HOME: shared } = environment;
  return own || join(shared || join(homedir(), '.cache'), 'kizuna');
}

async function copyJars(context: StackContext, pom: string, folder: string): Promise<void> {
  const options = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  await run('mvn', ['-q', '-B', '--strict-checksums', '-f', pom, ...options], {
    env: context.environment,
  }).catch((error: unknown) => {
    throw new Error(`Maven could not fetch Kafka with ${pom}: ${firstError(error)}`);
  });
}

function firstError(error: unknown): string {
  const { stdout, message } = error as { readonly stdout?: string; readonly message?: string };
  const line = stdout?.split('\n').find((text) => text.includes('[ERROR]'));
  return line?.replace('[ERROR] ', '') ?? message ?? String(error);
}
