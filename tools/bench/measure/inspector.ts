import { setTimeout as sleep } from 'node:timers/promises';

const INSPECTOR = 'http://127.0.0.1:9229/json/list';
const OPENS_WITHIN_MS = 5_000;

interface Reply {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** A debugging session with a Node process that was not started for it: the signal makes it listen. */
export class Inspector {
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private nextId = 1;

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      if (reply.id !== undefined) this.waiting.get(reply.id)?.(reply);
    });
  }

  static async attach(pid: number): Promise<Inspector> {
    process.kill(pid, 'SIGUSR1');
    const until = Date.now() + OPENS_WITHIN_MS;
    for (;;) {
      const targets = await fetch(INSPECTOR)
        .then((answer) => answer.json() as Promise<{ webSocketDebuggerUrl: string }[]>)
        .catch(() => undefined);
      const url = targets?.[0]?.webSocketDebuggerUrl;
      if (url !== undefined) return Inspector.open(url);
      if (Date.now() > until) throw new Error(`process ${pid} opens no inspector on port 9229`);
      await sleep(50);
    }
  }

  private static open(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => resolve(new Inspector(socket)));
      socket.addEventListener('error', () => reject(new Error(`the inspector at ${url} does not answer`)));
    });
  }

  call(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = this.nextId;
    this.nextId += 1;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        this.waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** The process stops listening, so that the next one can have the port. */
  async detach(): Promise<void> {
    await this.call('Runtime.evaluate', { expression: 'void setTimeout(() => process._debugEnd(), 50)' });
    this.socket.close();
    await sleep(200);
  }
}
