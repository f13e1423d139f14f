/** The answer of a pure decision. A refusal is a value that carries the facts that explain it, never an exception. */
export type Decision<Accepted, Rejection extends { readonly code: string }> =
  | { readonly accepted: true; readonly value: Accepted }
  | { readonly accepted: false; readonly rejection: Rejection };

export function accept<Accepted>(value: Accepted): { readonly accepted: true; readonly value: Accepted } {
  return { accepted: true, value };
}

export function reject<Rejection extends { readonly code: string }>(
  rejection: Rejection,
): { readonly accepted: false; readonly rejection: Rejection } {
  return { accepted: false, rejection };
}
