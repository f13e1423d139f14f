import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { toolsFolder } from './context.js';
import { removeStack, startStack, type Stack } from './index.js';
import { identify } from './os-process.js';
import { accepts } from './ports.js';

/** Without the addresses the test run itself may have been given. */
const LOCAL = { ...process.env, KIZUNA_POSTGRES_URL: '', KIZUNA_KAFKA_BROKERS: '' };

describe('the stack of local processes', () => {
  // Named so that the next test run finds it and stops its servers, should this one be killed.
  const directory = join(toolsFolder(), '..', '.data', `test-${process.pid}-stack`);
  const lines: string[] = [];
  let stack: Stack | undefined;

  const start = async (): Promise<Stack> => {
    lines.length = 0;
    stack = await startStack({ directory, environment: LOCAL, report: (line) => lines.push(line) });
    return stack;
  };

  afterAll(async () => {
    await stack?.stop();
    await removeStack(directory);
  });

  it('starts both, keeps data and ports between starts, and stops twice like once', async () => {
    const first = await start();
    expect(first.postgres).toMatchObject({ from: 'local', version: expect.stringMatching(/^18\./) });
    await query(first, 'create table kept (note text)');
    await query(first, `insert into kept values ('yes')`);
    await createTopic(first, 'kept');
    await Promise.all([first.stop(), first.stop()]);
    expect(await isUp(first)).toEqual([false, false]);

    const second = await start();
    expect(await query(second, 'select note from kept')).toEqual([{ note: 'yes' }]);
    expect(await topics(second)).toContain('kept');
    expect(second.kafka.brokers).toEqual(first.kafka.brokers);
    expect(second.postgres).toEqual(first.postgres);
  });

  it('never trades durability for speed, and lets nobody in from outside', async () => {
    const { fsync, synchronous_commit, full_page_writes, listen_addresses, max_connections } =
      Object.fromEntries(
        (await query(await running(), 'select name, setting from pg_settings')).map((row) => [
          row['name'],
          row['setting'],
        ]),
      );
    expect({ fsync, synchronous_commit, full_page_writes }).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
    });
    expect({ listen_addresses, max_connections }).toEqual({
      listen_addresses: '127.0.0.1',
      max_connections: '200',
    });
  });

  it('refuses a second owner and names the first', async () => {
    await running();
    await expect(startStack({ directory, environment: LOCAL, report: () => undefined })).rejects.toThrow(
      new RegExp(`^${directory} is in use by process ${process.pid}: [^\n]*$`),
    );
  });

  it('adopts the servers of a run that was killed, and stops them as its own', async () => {
    await (await running()).stop();
    await startAndEnd('SIGKILL');
    const before = recordedPids();

    const adopted = await start();
    expect(lines.filter((line) => line.endsWith('adopted'))).toHaveLength(2);
    expect(recordedPids()).toEqual(before);
    expect(await query(adopted, 'select note from kept')).toEqual([{ note: 'yes' }]);
    expect(await topics(adopted)).toContain('kept');

    await adopted.stop();
    expect(await isUp(adopted)).toEqual([false, false]);
  });

  it('leaves no server behind when the process ends without stopping them', async () => {
    await startAndEnd('exit');
    // Asked to stop by a process that could not wait for them; the test's time limit is their deadline.
    while (recordedPids().some((pid) => identify(pid) !== undefined)) await sleep(50);
    const restarted = await start();
    expect(lines.filter((line) => line.endsWith('adopted'))).toEqual([]);
    expect(await query(restarted, 'select note from kept')).toEqual([{ note: 'yes' }]);
  });

  async function running(): Promise<Stack> {
    return stack ?? start();
  }

  /** Another process starts the stack in this directory, then ends as told. */
  async function startAndEnd(how: 'SIGKILL' | 'exit'): Promise<void> {
    const face = pathToFileURL(join(toolsFolder(), 'dist', 'stack', 'index.js')).href;
    const end = how === 'exit' ? 'process.exit(0)' : `process.kill(process.pid, '${how}')`;
    const script = `const { startStack } = await import(${JSON.stringify(face)});
      await startStack({ directory: ${JSON.stringify(directory)}, report() {} }); ${end};`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: LOCAL,
      stdio: 'inherit',
    });
    expect(await once(child, 'exit')).toEqual(how === 'exit' ? [0, null] : [null, how]);
  }

  function recordedPids(): readonly number[] {
    const state: Record<string, { pid: number }> = JSON.parse(
      readFileSync(join(directory, 'stack.json'), 'utf8'),
    );
    return Object.values(state).map(({ pid }) => pid);
  }
});

async function query(stack: Stack, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: stack.postgres.adminUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function isUp(stack: Stack): Promise<readonly boolean[]> {
  const addresses = [new URL(stack.postgres.adminUrl).host, stack.kafka.brokers[0] ?? ''];
  return Promise.all(
    addresses.map((address) => {
      const [host = '', port] = address.split(':');
      return accepts(host, Number(port), 1_000);
    }),
  );
}

// Kafka's own words, because only libs/messaging may use the client: CreateTopics version 2.
async function createTopic(stack: Stack, name: string): Promise<void> {
  const topic = [int32(1), string(name), int32(1), int16(1), int32(0), int32(0)];
  const answer = await ask(stack, 19, 2, [...topic, int32(30_000), Buffer.from([0])]);
  // Correlation id, throttle time, one topic: its name, then the error code.
  expect(answer.readInt16BE(12 + 2 + name.length)).toBe(0);
}

/** Metadata version 1 of all topics; the names stand in it as plain text. */
async function topics(stack: Stack): Promise<string> {
  return (await ask(stack, 3, 1, [int32(-1)])).toString('latin1');
}

async function ask(stack: Stack, key: number, version: number, body: readonly Buffer[]): Promise<Buffer> {
  const [host = '', port] = (stack.kafka.brokers[0] ?? '').split(':');
  const socket = connect({ host, port: Number(port) });
  const request = Buffer.concat([int16(key), int16(version), int32(1), int16(-1), ...body]);
  socket.write(Buffer.concat([int32(request.length), request]));
  let received = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) break;
  }
  return received.subarray(4);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function string(value: string): Buffer {
  return Buffer.concat([int16(value.length), Buffer.from(value)]);
}
