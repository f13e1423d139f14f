/**
 * What a program owes its members, worked out a second time from the requests that were sent and their answers.
 *
 * The reconciliation is worth something only while this folder shares nothing with the product: its files import each other
 * and nothing else (lint), no library either: local days come from `Intl`, conditions have an evaluator of their own
 * (expression.ts). Every rule is written from the program's semantics and its worked examples.
 */
import { Books } from './books.js';
import { Engagements } from './engagements.js';
import { Orders } from './orders.js';
import { checkSettings, read, type Doors } from './read.js';
import { Redemptions } from './redemptions.js';
import { reportOf } from './report.js';
import type { ProgramFacts, SentRequest } from './requests.js';
import type { Calculation } from './results.js';

/**
 * Requests come in the order in which they were sent, as far as one member's are concerned. `now` is the present of a
 * program without a test clock when it is compared: what is due by then has been released and has expired.
 */
export function calculate(
  program: ProgramFacts,
  requests: Iterable<SentRequest>,
  { now }: { readonly now?: string } = {},
): Calculation {
  const books = new Books(program);
  const orders = new Orders(books);
  const engagements = new Engagements(books, orders);
  const redemptions = new Redemptions(books, orders);
  const doors: Doors = { books, orders, engagements, redemptions };
  checkSettings(books);
  for (const request of acceptedFirst([...requests])) read(doors, request);
  books.receives(now);
  return reportOf(doors);
}

/** Of requests that were under way together, the accepted ones were decided first: only so can the others be judged. */
function acceptedFirst(requests: readonly SentRequest[]): SentRequest[] {
  const ordered: SentRequest[] = [];
  for (let from = 0; from < requests.length;) {
    const word = requests[from]?.parallel;
    let to = from + 1;
    while (word !== undefined && requests[to]?.parallel === word) to += 1;
    const together = requests.slice(from, to);
    const isRefused = ({ status }: SentRequest): number => Number(status > 299);
    ordered.push(...together.sort((a, b) => isRefused(a) - isRefused(b)));
    from = to;
  }
  return ordered;
}
