import type { Books } from './books.js';
import type { Engagements } from './engagements.js';
import type { Orders } from './orders.js';
import type { Redemptions } from './redemptions.js';
import { strangeExpiry } from './rule-book.js';
import type {
  Engagement,
  ProgramFacts,
  Purchase,
  Redemption,
  Refund,
  Rule,
  SentRequest,
} from './requests.js';

export interface Doors {
  readonly books: Books;
  readonly orders: Orders;
  readonly engagements: Engagements;
  readonly redemptions: Redemptions;
}

/** Requests without effect on what members own. */
const WITHOUT_EFFECT = [/^\/v1\/quotes$/, /^\/v1\/api-keys(\/|$)/, /\/refunds\/preview$/];
const TURNS = { pause: 'paused', resume: 'active', end: 'ended' } as const;

type Handler = (doors: Doors, request: SentRequest, ids: readonly string[]) => void;

const HANDLERS: readonly (readonly [RegExp, Handler])[] = [
  [/^\/v1\/purchases$/, ({ orders }, { body }) => orders.purchase(body as Purchase)],
  [
    /^\/v1\/purchases\/([^/]+)\/refunds$/,
    ({ orders }, { body }, [id = '']) => orders.refund({ order_id: id, ...(body as object) } as Refund),
  ],
  [/^\/v1\/engagements$/, ({ engagements }, { body }) => engagements.record(body as Engagement)],
  [/^\/v1\/events$/, readBatch],
  [/^\/v1\/rules$/, readRule],
  [/^\/v1\/rules\/([^/]+)\/(pause|resume|end)$/, turnRule],
  [/^\/v1\/reviews\/([^/]+)\/(release|refuse)$/, closeReview],
  [/^\/v1\/redemptions\/([^/]+)\/reverse$/, ({ redemptions }, _, [id = '']) => redemptions.reverse(id)],
  [/^\/v1\/program$/, changeSettings],
  [/^\/v1\/program\/clock$/, moveClock],
];

/** Takes one request with its answer into the books; what was refused has no effect. */
export function read(doors: Doors, request: SentRequest): void {
  const { method = 'POST', path, status, body, answer, received_at: receivedAt } = request;
  if (method === 'GET') return;
  const door = path.split('?')[0] ?? path;
  doors.books.receives(receivedAt);
  // A refused redemption is remembered under its id, so its refusal is judged too.
  if (door === '/v1/redemptions') doors.redemptions.redeem(body as Redemption, status, answer ?? {});
  else if (status >= 200 && status <= 299 && !WITHOUT_EFFECT.some((known) => known.test(door)))
    handle(doors, request, door);
}

function handle(doors: Doors, request: SentRequest, door: string): void {
  for (const [pattern, handler] of HANDLERS) {
    const found = pattern.exec(door);
    if (found !== null) return handler(doors, request, found.slice(1).map(decodeURIComponent));
  }
  doors.books.notCovered.push(`${request.method ?? 'POST'} ${door}`);
}

function readBatch({ books, orders, engagements }: Doors, { body, answer }: SentRequest): void {
  const items: unknown[] = Array.isArray(body) ? body : [body];
  const { results } = (answer ?? {}) as { results?: readonly { status: number }[] };
  items.forEach((item, i) => {
    // A single event may be answered without a list: then the status of the request, already a 2xx, speaks for it.
    if (results === undefined ? Array.isArray(body) : results[i]?.status !== 202) return;
    const { type, data } = item as { type: string; data: unknown };
    if (type === 'kizuna.purchase.completed.v1') orders.purchase(data as Purchase);
    else if (type === 'kizuna.purchase.refunded.v1') orders.refund(data as Refund);
    else if (type === 'kizuna.engagement.recorded.v1') engagements.record(data as Engagement);
    else books.notCovered.push(`event ${type}`);
  });
}

function readRule({ books }: Doors, { body, answer }: SentRequest): void {
  const rule = body as Rule;
  const strange = books.rules.enter(rule, answer as object);
  if (strange.length > 0)
    books.notCovered.push(`rule ${rule.code} (${rule.trigger}, ${rule.reward.kind}): ${strange.join(', ')}`);
}

function turnRule(
  { books }: Doors,
  { answer }: SentRequest,
  [code = '', turn = '']: readonly string[],
): void {
  const state = TURNS[turn as keyof typeof TURNS];
  if (!books.rules.turn(code, state, answer as object)) books.notCovered.push(`${turn} of rule ${code}`);
}

function closeReview({ books }: Doors, _: SentRequest, [id = '', how = '']: readonly string[]): void {
  const review = books.reviews.get(id);
  if (review === undefined)
    books.wrongAnswers.push(`Review ${id}: was closed (${how}), but nothing should be in review there.`);
  if (review?.state !== 'open') return;
  review.state = how === 'release' ? 'released' : 'refused';
  if (how === 'release') review.release();
}

function changeSettings({ books }: Doors, { method, body, answer }: SentRequest): void {
  if (method !== 'PATCH') {
    books.notCovered.push(`${method ?? 'POST'} /v1/program`);
    return;
  }
  takeRevision(books, answer);
  const { revision } = books.program;
  books.program = { ...books.program, ...(body as Partial<ProgramFacts>), ...(revision ? { revision } : {}) };
  checkSettings(books);
}

/** Settings that are newer than a request that changes them would judge what came before by what came after. */
function takeRevision(books: Books, answer: unknown): void {
  const { revision: told } = (answer ?? {}) as { revision?: unknown };
  if (typeof told !== 'number') return;
  if (books.program.revision !== undefined && told <= books.program.revision)
    books.notCovered.push(`settings of revision ${books.program.revision}, given before they became ${told}`);
  else if (books.program.revision !== undefined) books.program = { ...books.program, revision: told };
}

/** Settings that this calculation does not know are told, once per change. */
export function checkSettings({ program, notCovered }: Books): void {
  for (const { wallet, expiry } of program.wallets ?? [])
    for (const strange of strangeExpiry(expiry)) notCovered.push(`wallet ${wallet}: ${strange}`);
}

function moveClock({ books }: Doors, { body, answer }: SentRequest): void {
  takeRevision(books, answer);
  const { clock_at: told } = (answer ?? {}) as { clock_at?: unknown };
  const { advance_to: asked } = (body ?? {}) as { advance_to?: unknown };
  books.moveClock(Date.parse(String(told ?? asked)));
}
