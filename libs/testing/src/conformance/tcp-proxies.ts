import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { realParts } from '../real-parts.js';

interface Pair {
  readonly inner: Socket;
  readonly outer: Socket;
}

/** Forwards connections to a server and lets a test do to them what networks do. */
abstract class TcpProxy {
  protected readonly pairs = new Set<Pair>();
  private readonly server: Server;
  protected port = 0;

  protected constructor(
    private readonly host: string,
    private readonly serverPort: number,
  ) {
    this.server = createServer((inner) => {
      const pair = { inner, outer: connect(this.serverPort, this.host) };
      this.pairs.add(pair);
      for (const socket of [pair.inner, pair.outer]) {
        socket.on('error', () => undefined);
        socket.on('close', () => this.cut(pair));
      }
      this.join(pair);
    });
  }

  protected abstract join(pair: Pair): void;

  protected cut(pair: Pair): void {
    this.pairs.delete(pair);
    pair.inner.destroy();
    pair.outer.destroy();
  }

  protected async listen(): Promise<void> {
    // The same port again after an absence.
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const pair of this.pairs) this.cut(pair);
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** ErrorResponse FATAL 57P01, as a server sends it to every connection before it stops. */
const SHUTDOWN = ((): Buffer => {
  const fields = Buffer.from(
    'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0',
  );
  const head = Buffer.alloc(5);
  head.write('E', 0);
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
})();
const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

export type CommitCut = 'before the server has it' | 'after the server has it';

/** Loses the answer to a COMMIT, once for each cut that is ordered. */
export class CommitCutter extends TcpProxy {
  cuts = 0;
  /** So many connections hear of a shutdown together with the word that they are ready. */
  stillborn = 0;
  private ordered: CommitCut | undefined;
  private passing = 0;

  private constructor(private readonly target: URL) {
    super(target.hostname, Number(target.port));
  }

  static async start(databaseUrl: string): Promise<CommitCutter> {
    const cutter = new CommitCutter(new URL(databaseUrl));
    await cutter.listen();
    return cutter;
  }

  get url(): string {
    const url = new URL(this.target.href);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  /** Cuts the first COMMIT after so many others. */
  order(cut: CommitCut, after = 0): void {
    this.ordered = cut;
    this.passing = after;
  }

  protected join(pair: Pair): void {
    const { inner, outer } = pair;
    let isSilenced = false;
    let isNew = true;
    inner.on('data', (data: Buffer) => {
      const isCommit = data[0] === 0x51 && data.includes('COMMIT\0');
      const cut = isCommit && this.ordered && (this.passing -= 1) < 0 ? this.ordered : undefined;
      if (cut) {
        this.ordered = undefined;
        this.cuts += 1;
        isSilenced = true;
      }
      if (cut === 'before the server has it') this.cut(pair);
      else outer.write(data);
    });
    outer.on('data', (data: Buffer) => {
      // The server has answered, so it has committed; the asker never hears of it.
      if (isSilenced) this.cut(pair);
      else if (isNew && this.stillborn > 0 && data.subarray(-6).equals(READY_FOR_QUERY)) {
        this.stillborn -= 1;
        inner.end(Buffer.concat([data, SHUTDOWN]));
      } else inner.write(data);
      isNew &&= !data.subarray(-6).equals(READY_FOR_QUERY);
    });
  }
}

/** A database behind a line that takes everything and gives nothing while it is a black hole. */
export class DatabaseLine extends TcpProxy {
  isBlackHole = false;

  private constructor(private readonly target: URL) {
    super(target.hostname, Number(target.port));
  }

  static async start(databaseUrl: string): Promise<DatabaseLine> {
    const line = new DatabaseLine(new URL(databaseUrl));
    await line.listen();
    return line;
  }

  get url(): string {
    const url = new URL(this.target.href);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  /** What came through the hole is nobody's connection any more. */
  heal(): void {
    this.isBlackHole = false;
    for (const pair of this.pairs) this.cut(pair);
  }

  protected join({ inner, outer }: Pair): void {
    inner.on('data', (data: Buffer) => !this.isBlackHole && outer.write(data));
    outer.on('data', (data: Buffer) => !this.isBlackHole && inner.write(data));
  }
}

/** Kafka's numbers of requests. */
export const PRODUCE = 0;
export const FETCH = 1;
const METADATA = 3;
const LEADER_NOT_AVAILABLE = 5;
export const OFFSET_COMMIT = 8;
export const FIND_COORDINATOR = 10;
export const JOIN_GROUP = 11;
export const HEARTBEAT = 12;

/** Where the error code is in the answers to them: behind length, correlation id and throttle time. */
const AFTER_THROTTLE_TIME = 12;

interface Refusal {
  readonly code: number;
  left: number;
}

/**
 * Swallows everything when told to, answers for the broker when told to, and counts what is asked otherwise. Clients meet it
 * as the only broker.
 */
export class BrokerProxy extends TcpProxy {
  isBlackHole = false;
  /** Requests of these kinds never arrive. */
  readonly swallowed = new Set<number>();
  /** Requests of these kinds end their connection. */
  readonly hungUpOn = new Set<number>();
  /** Answers that were replaced by an error. */
  refused = 0;
  private readonly refusals = new Map<number, Refusal>();
  private readonly asked = new Map<number, number>();
  private election: { readonly topic: Buffer; spared: number; left: number } | undefined;
  sends = 0;
  sendsInFlight = 0;
  sendsInFlightMax = 0;

  private constructor(
    private readonly brokerHost: string,
    private readonly brokerPort: number,
  ) {
    super(brokerHost, brokerPort);
  }

  static async start(): Promise<BrokerProxy> {
    const [host = '', port = ''] = (realParts().brokers[0] ?? '').split(':');
    const proxy = new BrokerProxy(host, Number(port));
    await proxy.listen();
    return proxy;
  }

  get broker(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** How often this was asked for. */
  requests(api: number): number {
    return this.asked.get(api) ?? 0;
  }

  /** The broker is heard to answer the next requests of a kind with this error; of a kind whose answer begins with it. */
  refuse(api: typeof FIND_COORDINATOR | typeof JOIN_GROUP | typeof HEARTBEAT, code: number, times: number) {
    this.refusals.set(api, { code, left: times });
  }

  /** The next answers about this topic, but for the first so many, say that it has no leader yet. */
  elect(topic: string, times: number, spared = 0): void {
    const length = Buffer.alloc(2);
    length.writeInt16BE(topic.length);
    this.election = { topic: Buffer.concat([length, Buffer.from(topic)]), spared, left: times };
  }

  /** Nobody listens at the broker's address any more. */
  goAway(): Promise<void> {
    return this.stop();
  }

  comeBack(): Promise<void> {
    return this.listen();
  }

  protected join({ inner, outer }: Pair): void {
    const produces = new Set<number>();
    const apis = new Map<number, number>();
    const requests = frames((frame) => {
      if (this.isBlackHole) return;
      const api = frame.readInt16BE(4);
      apis.set(frame.readInt32BE(8), api);
      this.asked.set(api, this.requests(api) + 1);
      if (this.swallowed.has(api)) return;
      if (this.hungUpOn.has(api)) return void inner.destroy();
      if (api === PRODUCE) {
        produces.add(frame.readInt32BE(8));
        this.sends += 1;
        this.sendsInFlight += 1;
        this.sendsInFlightMax = Math.max(this.sendsInFlightMax, this.sendsInFlight);
      }
      outer.write(frame);
    });
    const answers = frames((frame) => {
      if (this.isBlackHole) return;
      if (produces.delete(frame.readInt32BE(4))) this.sendsInFlight -= 1;
      const api = apis.get(frame.readInt32BE(4)) ?? -1;
      const refusal = this.refusals.get(api);
      apis.delete(frame.readInt32BE(4));
      if (api === METADATA) this.sayNoLeader(frame);
      if (refusal && refusal.left > 0) {
        refusal.left -= 1;
        this.refused += 1;
        frame.writeInt16BE(refusal.code, AFTER_THROTTLE_TIME);
      }
      inner.write(this.withOwnAddress(frame));
    });
    inner.on('data', requests);
    outer.on('data', answers);
  }

  private sayNoLeader(frame: Buffer): void {
    const { election } = this;
    const at = election && election.left > 0 ? frame.indexOf(election.topic) : -1;
    if (!election || at < 0) return;
    election.spared -= 1;
    if (election.spared >= 0) return;
    election.left -= 1;
    frame.writeInt16BE(LEADER_NOT_AVAILABLE, at - 2);
  }

  /** The broker tells clients where it listens; they are to come through here. The length stays the same. */
  private withOwnAddress(frame: Buffer): Buffer {
    const address = Buffer.alloc(2 + this.brokerHost.length + 4);
    address.writeInt16BE(this.brokerHost.length, 0);
    address.write(this.brokerHost, 2);
    address.writeInt32BE(this.brokerPort, 2 + this.brokerHost.length);
    for (let at = frame.indexOf(address); at >= 0; at = frame.indexOf(address, at + 1))
      frame.writeInt32BE(this.port, at + 2 + this.brokerHost.length);
    return frame;
  }
}

/** Kafka's frames: a length of four bytes and what it counts. */
function frames(onFrame: (frame: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      onFrame(Buffer.from(rest.subarray(0, end)));
      rest = rest.subarray(end);
    }
  };
}
