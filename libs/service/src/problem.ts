import type { Fault } from '@kizuna/contracts';

/** RFC 9457 problem document. `code` is stable and is what a program should branch on. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  readonly [fact: string]: unknown;
}

export interface ProblemFacts {
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  /** Seconds after which it may be worth asking again; becomes the Retry-After header. */
  readonly retryAfter?: number;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** An answer that is not the wanted one. Thrown by doors only; decisions return their refusals. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly given: ProblemFacts = {},
  ) {
    super(given.detail ?? code);
  }

  document(): ProblemDocument {
    const { detail, errors, facts } = this.given;
    return problemDocument(this.status, this.code, {
      ...facts,
      ...(detail ? { detail } : {}),
      ...(errors ? { errors } : {}),
    });
  }
}

export function problemDocument(
  status: number,
  code: string,
  rest: Readonly<Record<string, unknown>>,
): ProblemDocument {
  return { type: `urn:kizuna:problem:${code}`, title: code.replaceAll('_', ' '), status, code, ...rest };
}
