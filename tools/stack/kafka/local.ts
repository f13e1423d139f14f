import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { toolsFolder, type Part, type StackContext } from '../context.js';
import { adoptOrStart, type ServerPlan } from '../server.js';
import { completeFolder } from '../unfinished-folder.js';
import type { KafkaAddress } from './environment.js';
import { kafkaJars, type KafkaJars } from './jars.js';
import { requireJava } from './java.js';
import { answersApiVersions } from './probe.js';
import { serverProperties, type BrokerPorts } from './settings.js';

const run = promisify(execFile);

export async function kafkaFromLocalProcess(context: StackContext): Promise<Part<KafkaAddress>> {
  const java = await requireJava(context.environment);
  const folder = context.folder(); // before any download: another owner is a reason not to begin
  const jars = await kafkaJars(context);
  const server = await adoptOrStart(kafkaPlan(context, folder.path, java, jars), context, folder);
  return {
    address: { brokers: [`127.0.0.1:${server.ports[0]}`] },
    from: 'local',
    process: server,
    stop: () => server.stop(),
  };
}

function kafkaPlan(context: StackContext, directory: string, java: string, jars: KafkaJars): ServerPlan {
  const folder = join(directory, 'kafka');
  const logFile = join(directory, 'kafka.log');
  const javaArguments = serverArguments(jars, folder);
  const title = `Kafka ${jars.version}`;
  return {
    name: 'kafka',
    title,
    logFile,
    portCount: 2,
    command: () => ({ file: java, arguments: javaArguments, environment: context.environment }),
    shownAs: () => [java, ...javaArguments],
    prepare: async (ports) => {
      mkdirSync(folder, { recursive: true });
      const data = join(folder, 'data');
      if (!existsSync(data)) {
        context.report(`${title}: formatting the data folder`);
        await completeFolder(data, (unfinished) => format(context, java, jars, unfinished, portsOf(ports)));
      }
      writeFileSync(propertiesFile(folder), serverProperties(data, portsOf(ports)));
    },
    answers: async (ports, logStart) =>
      (logStart === undefined || hasLine(logFile, logStart, 'Kafka Server started')) &&
      (await answersApiVersions(portsOf(ports).broker)),
  };
}

/** Once in the life of the data. */
async function format(
  context: StackContext,
  java: string,
  jars: KafkaJars,
  data: string,
  ports: BrokerPorts,
): Promise<void> {
  const properties = join(dirname(data), 'format.properties');
  writeFileSync(properties, serverProperties(data, ports));
  const options = ['format', '--standalone', '-t', clusterId(), '-c', properties];
  const storageTool = ['-XX:+UseSerialGC', '-cp', join(jars.folder, '*'), 'kafka.tools.StorageTool'];
  await run(java, [...storageTool, ...options], { env: context.environment });
}

function serverArguments(jars: KafkaJars, folder: string): readonly string[] {
  const logging = join(toolsFolder(), 'stack', 'kafka', 'log4j2.xml');
  return [
    '-Xms256m',
    '-Xmx512m',
    '-XX:+UseSerialGC',
    `-Dlog4j2.configurationFile=${logging}`,
    '-cp',
    join(jars.folder, '*'),
    'kafka.Kafka',
    propertiesFile(folder),
  ];
}

function propertiesFile(folder: string): string {
  return join(folder, 'server.properties');
}

function portsOf([broker, controller]: readonly number[]): BrokerPorts {
  if (broker === undefined || controller === undefined) throw new Error('A broker has two ports.');
  return { broker, controller };
}

/** Kafka takes no id that starts with a dash, as an option would. */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}

function hasLine(file: string, from: number, text: string): boolean {
  const bytes = Buffer.alloc(Math.max(0, statSync(file).size - from));
  const log = openSync(file, 'r');
  try {
    readSync(log, bytes, 0, bytes.length, from);
  } finally {
    closeSync(log);
  }
  return bytes.includes(text);
}
