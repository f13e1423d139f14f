import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OLDEST_JAVA = 17;

/** The `java` to use: of JAVA_HOME, which Maven follows too, otherwise of the search path. */
export async function requireJava(environment: NodeJS.ProcessEnv): Promise<string> {
  const home = environment['JAVA_HOME'];
  const java = home ? join(home, 'bin', 'java') : 'java';
  const printed = await outputOf(java, ['-version'], environment);
  const major = Number(/version "(\d+)/.exec(printed ?? '')?.[1]);
  if (major >= OLDEST_JAVA) return java;
  const found = printed === undefined ? '' : ` (found ${major ? `Java ${major}` : 'one that does not run'})`;
  throw new Error(
    `Java 17 or newer is needed for the local Kafka broker${found}: install it, for example "apt-get install openjdk-17-jre-headless", or set KIZUNA_KAFKA_BROKERS.`,
  );
}

/** Maven is needed only until the jars are in the cache. Older ones cannot run the plugin that copies them. */
export async function requireMaven(environment: NodeJS.ProcessEnv): Promise<void> {
  const printed = await outputOf('mvn', ['-B', '-version'], environment);
  const [, major, minor] = /Apache Maven (\d+)\.(\d+)/.exec(printed ?? '') ?? [];
  if (Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 6)) return;
  const found =
    printed === undefined ? '' : ` (found ${major ? `Maven ${major}.${minor}` : 'one that does not run'})`;
  throw new Error(
    `Maven 3.6 or newer is needed to fetch the local Kafka broker${found}: install it, for example "apt-get install maven", or set KIZUNA_KAFKA_BROKERS.`,
  );
}

/** Undefined when the program is missing; what it printed otherwise, even when it failed. */
async function outputOf(
  program: string,
  options: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(program, [...options], { env: environment });
    return `${stdout}${stderr}`;
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    return code === 'ENOENT' ? undefined : `${stdout ?? ''}${stderr ?? ''}`;
  }
}
