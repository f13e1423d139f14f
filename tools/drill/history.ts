import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { SentRequest } from '../reconcile/calculation.js';

/**
 * One line of the history. `ok`: answered, and the answer counts. `fail`: refused for good, so it must have no effect.
 * `unknown`: no answer that says anything; the same request is sent again.
 */
type Entry =
  | { readonly op: 'invoke'; readonly id: number; readonly attempt: number; readonly to: string }
  | { readonly op: 'ok' | 'fail'; readonly id: number; readonly status: number; readonly answer: unknown }
  | { readonly op: 'unknown'; readonly id: number; readonly reason: string };

type Line = Entry & {
  readonly at: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly together?: string;
};

interface Request {
  readonly path: string;
  readonly body: unknown;
  readonly together?: string | undefined;
}

export interface HistoryTotals {
  readonly requests: number;
  readonly unknown: number;
}

/**
 * What the driver did and was told, on the disk before it goes on: what was acknowledged is judged by this file and not by
 * a memory that may have died.
 */
export class History {
  private readonly file: number;
  private ids = 0;
  private unanswered = 0;

  constructor(readonly path: string) {
    this.file = openSync(path, 'a', 0o600);
  }

  get totals(): HistoryTotals {
    return { requests: this.ids, unknown: this.unanswered };
  }

  newId(): number {
    return (this.ids += 1);
  }

  invoke(id: number, attempt: number, to: string, request: Request): void {
    this.write({ op: 'invoke', id, attempt, to }, attempt === 1 ? request : {});
  }

  answered(op: 'ok' | 'fail', id: number, status: number, answer: unknown): void {
    this.write({ op, id, status, answer });
  }

  unknown(id: number, reason: string): void {
    this.unanswered += 1;
    this.write({ op: 'unknown', id, reason });
  }

  close(): void {
    closeSync(this.file);
  }

  private write(entry: Entry, request: Partial<Request> = {}): void {
    writeSync(this.file, `${JSON.stringify({ ...entry, at: new Date().toISOString(), ...request })}\n`);
    fsyncSync(this.file);
  }
}

/**
 * Every answered request in the order of its answer, those that were under way together next to each other and with their
 * word in `parallel`. @throws when one was never answered
 */
export function readHistory(path: string): readonly SentRequest[] {
  const requests = new Map<number, Request>();
  const answered: SentRequest[] = [];
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    if (text === '') continue;
    const line = JSON.parse(text) as Line;
    if (line.op === 'invoke' && line.path !== undefined)
      requests.set(line.id, { path: line.path, body: line.body, together: line.together });
    if (line.op !== 'ok' && line.op !== 'fail') continue;
    const request = requests.get(line.id);
    if (!request) throw new Error(`${path}: request ${line.id} is answered, but was never sent`);
    requests.delete(line.id);
    const { path: to, body, together } = request;
    const parallel = together === undefined ? {} : { parallel: together };
    answered.push({ path: to, body, status: line.status, answer: line.answer, ...parallel });
  }
  if (requests.size > 0) throw new Error(`${requests.size} requests were never answered`);
  const groups = Map.groupBy(answered, (request) => request.parallel ?? request);
  return [...groups.values()].flat();
}
