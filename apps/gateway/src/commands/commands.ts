import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { canonicalHash } from '@kizuna/contracts';
import { Problem, type CallerRequest } from '@kizuna/service';
import {
  decideRepetition,
  isDecided,
  readKey,
  type Command,
  type CommandRejection,
  type KeyRejection,
  type KeyRule,
} from '../domain/command.js';
import {
  CommandsRepository,
  CommandTakenOver,
  type Attempt,
  type StoredAnswer,
} from '../storage/commands.repository.js';

export type { KeyRule } from '../domain/command.js';

/** What a command with a key begins as. */
export type Begun =
  | { readonly kind: 'unkeyed' }
  | { readonly kind: 'attempt'; readonly attempt: Attempt }
  | { readonly kind: 'replay'; readonly answer: StoredAnswer };

const REPLAYED = { 'idempotency-replayed': 'true' } as const;
const AGAIN_AFTER_S = 1;

/**
 * Commands that may be sent again. Under one Idempotency-Key of a program a command is decided once, and whoever sends it
 * again gets the stored answer. A process that dies half-way leaves a running row, which is taken over when its time is
 * past; what the first attempt may have done is then a repetition to the room, which knows it by the command's own id or by
 * the key that is passed on.
 */
@Injectable()
export class Commands {
  private readonly logger = new Logger('commands');

  constructor(private readonly repository: CommandsRepository) {}

  /** @throws Problem 400, 409 `command_in_flight`, 422 `idempotency_key_reused`, and what `run` throws */
  async once(
    request: CallerRequest,
    rule: KeyRule,
    run: (key: string | undefined) => Promise<StoredAnswer>,
  ): Promise<StoredAnswer> {
    const begun = await this.begin(request, rule);
    if (begun.kind === 'unkeyed') return run(undefined);
    if (begun.kind === 'replay') return begun.answer;
    const { attempt } = begun;
    const answer = await this.attempted(attempt, () => run(attempt.key));
    if (isDecided(answer.status)) await this.repository.store(attempt, answer);
    else await this.repository.leaveOpen(attempt);
    return answer;
  }

  /** Runs an attempt; one that fails leaves the command open. */
  async attempted<Result>(attempt: Attempt, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      await this.repository
        .leaveOpen(attempt)
        .catch((err: unknown) => this.logger.warn({ err }, 'a command stays taken until its time is past'));
      if (error instanceof CommandTakenOver) throw problemOf('command_in_flight');
      throw error;
    }
  }

  /** @throws Problem 400, 409 `command_in_flight`, 422 `idempotency_key_reused` */
  async begin(request: CallerRequest, rule: KeyRule): Promise<Begun> {
    const read = readKey(request.headers['idempotency-key'], rule);
    if (!read.accepted) throw problemOf(read.rejection.code);
    const key = read.value;
    if (key === undefined) return { kind: 'unkeyed' };
    if (!request.caller) throw new Error('a command is guarded');
    const { programId } = request.caller;
    const command = { route: `${request.method} ${request.url}`, bodyHash: hashOf(request.body) };
    const attempt = await this.repository.begin(programId, key, command);
    return attempt ? { kind: 'attempt', attempt } : this.repeat(programId, key, command);
  }

  private async repeat(programId: string, key: string, command: Command): Promise<Begun> {
    const known = await this.repository.find(programId, key);
    // Thirty days old and tidied away between the two looks.
    if (!known) throw problemOf('command_in_flight');
    const decision = decideRepetition(known, command);
    if (!decision.accepted) throw problemOf(decision.rejection.code);
    if (decision.value === 'replay' && known.answer)
      return {
        kind: 'replay',
        answer: { ...known.answer, headers: { ...known.answer.headers, ...REPLAYED } },
      };
    const attempt = await this.repository.takeOver({ programId, key, attempt: known.attempt });
    if (!attempt) throw problemOf('command_in_flight');
    return { kind: 'attempt', attempt };
  }
}

/** The order of keys and the spelling of numbers do not make another body. */
function hashOf(body: unknown): string {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return canonicalHash(body as Readonly<Record<string, unknown>>);
  return createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest('hex');
}

const problems = {
  idempotency_key_required: () =>
    new Problem(400, 'idempotency_key_required', {
      detail:
        'this command needs an Idempotency-Key header, one for each intent and the same for every retry',
    }),
  invalid_idempotency_key: () =>
    new Problem(400, 'invalid_idempotency_key', {
      detail: 'an Idempotency-Key has 1 to 200 visible ASCII characters',
    }),
  idempotency_key_reused: () =>
    new Problem(422, 'idempotency_key_reused', {
      detail: 'this Idempotency-Key has stood for another request',
    }),
  command_in_flight: () =>
    new Problem(409, 'command_in_flight', {
      detail: 'the first request with this Idempotency-Key has no answer yet',
      retryAfter: AGAIN_AFTER_S,
    }),
} satisfies Record<KeyRejection['code'] | CommandRejection['code'], () => Problem>;

function problemOf(code: keyof typeof problems): Problem {
  return problems[code]();
}
