import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';

export interface PurchaseBody {
  readonly order_id: string;
  readonly member_id: string | null;
  readonly occurred_at: string;
  readonly currency: 'GBP';
  readonly channel: 'web';
  readonly lines: readonly PurchaseLine[];
  readonly prices_include_tax: false;
  readonly discount_minor: 0;
  readonly tax_minor: 0;
  readonly shipping_minor: number;
  readonly paid_with_points_minor: 0;
  readonly coupon_codes: readonly string[];
}

export interface PurchaseLine {
  readonly line_id: string;
  readonly sku: string;
  readonly name?: string;
  readonly quantity: number;
  readonly unit_price_minor: number;
  readonly discount_minor: 0;
}

export interface RefundBody {
  readonly refund_id: string;
  readonly order_id: string;
  readonly member_id: string | null;
  readonly occurred_at: string;
  readonly currency: 'GBP';
  readonly lines?: readonly { readonly line_id: string; readonly amount_minor: number }[];
  readonly amount_minor?: number;
}

export type OrderRequest =
  | Readonly<{ kind: 'purchase'; body: PurchaseBody }>
  | Readonly<{ kind: 'refund'; orderId: string; body: RefundBody }>;

export type LeftOut =
  | 'non_positive_quantity'
  | 'zero_price'
  | 'negative_price'
  /** A line of a cancellation that takes nothing back. */
  | 'not_negative_in_cancellation'
  /** Postage of an invoice that has no other line to send, or of a cancellation: shipping never counted. */
  | 'shipping_alone'
  | 'shipping_cancelled'
  /** A line that names another customer than the first line of its invoice. */
  | 'other_customer'
  /** Neither a number nor a C and a number, like A for an adjusted bad debt. */
  | 'other_invoice_kind';

export interface LineReport {
  /** Every line of the file once: the sum of all others up to and with `left_out`. */
  readonly total: number;
  readonly earned: number;
  readonly guest: number;
  readonly refunded: number;
  readonly waiting: number;
  readonly shipping: number;
  readonly left_out: Readonly<Record<LeftOut, number>>;
  /** Facts about lines counted above. */
  readonly refunded_in_part: number;
  readonly rounded_prices: number;
  readonly invoices: Readonly<{ purchases: number; cancellations: number; other: number; not_sent: number }>;
}

export interface OrdersFile {
  /** SHA-256 of the bytes. */
  readonly hash: string;
  /** In the order in which they happened. */
  readonly requests: readonly OrderRequest[];
  readonly lines: LineReport;
  /** First and last instant of the file, before the shift. */
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** What was added to every time: kept with the program, so that a second import sends the same. */
  readonly shiftMs: number;
}

/** The file cannot be read as orders; the message names the file and, where there is one, the line. */
export class OrdersFileError extends Error {}

interface Row {
  readonly invoice: string;
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly at: number;
  readonly priceMinor: number;
  readonly isRounded: boolean;
  readonly customer: string;
}

interface Sale {
  readonly orderId: string;
  readonly lineId: string;
  readonly priceMinor: number;
  left: number;
}

type Fate = 'earned' | 'guest' | 'refunded' | 'waiting' | 'shipping' | LeftOut;

const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
];
const TIME_ZONE = 'Europe/London';
/** The whole file is held in memory: cancellations look back over all earlier sales. */
const BYTES_MAX = 128 * 1024 * 1024;
const SHIPPING = ['POST', 'DOT'];

/**
 * Reads an orders file and turns it into intake requests (demo.md, "An orders file").
 *
 * `shiftTo` moves the last line of the file to that instant, `shiftMs` is a shift kept from an earlier import and wins.
 */
export function readOrdersFile(path: string, options: { shiftTo?: Date; shiftMs?: number } = {}): OrdersFile {
  const { size } = statSync(path);
  if (size > BYTES_MAX)
    throw new OrdersFileError(`${path}: ${size} bytes, at most ${BYTES_MAX} are read: split it`);
  const bytes = readFileSync(path);
  const rows = rowsOf(path, bytes);
  if (rows.length === 0) throw new OrdersFileError(`${path}: no lines after the header`);

  const [firstAt, lastAt] = rows.reduce(
    ([first, last], { at }) => [Math.min(first, at), Math.max(last, at)],
    [Infinity, -Infinity],
  );
  const shiftMs = options.shiftMs ?? (options.shiftTo === undefined ? 0 : options.shiftTo.getTime() - lastAt);
  const { requests, lines } = new Translation(rows, shiftMs).result();
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { hash, requests, lines, firstAt: new Date(firstAt), lastAt: new Date(lastAt), shiftMs };
}

/** Turns invoices, in the order in which they happened, into requests, and notes for each row what became of it. */
class Translation {
  private readonly requests: OrderRequest[] = [];
  private readonly fates = new Map<Row, Fate>();
  private readonly sales = new Map<string, Sale[]>();
  private readonly invoices = { purchases: 0, cancellations: 0, other: 0, not_sent: 0 };
  private readonly purchaseNumbers: ReadonlySet<string>;
  private refundedInPart = 0;

  constructor(
    private readonly rows: readonly Row[],
    private readonly shiftMs: number,
  ) {
    const byInvoice = Map.groupBy(rows, ({ invoice }) => invoice);
    this.purchaseNumbers = new Set([...byInvoice.keys()].filter(isPurchase));
    const inTimeOrder = [...byInvoice.values()].sort((a, b) => first(a).at - first(b).at);
    for (const invoice of inTimeOrder) this.invoice(invoice);
  }

  result(): { requests: readonly OrderRequest[]; lines: LineReport } {
    const counts = new Map<Fate, number>();
    for (const row of this.rows) {
      const fate = this.fates.get(row);
      if (fate === undefined) throw new Error(`invoice ${row.invoice}, ${row.sku}: a line without a fate`);
      counts.set(fate, (counts.get(fate) ?? 0) + 1);
    }
    const count = (fate: Fate): number => counts.get(fate) ?? 0;
    const lines = {
      total: this.rows.length,
      earned: count('earned'),
      guest: count('guest'),
      refunded: count('refunded'),
      waiting: count('waiting'),
      shipping: count('shipping'),
      left_out: {
        non_positive_quantity: count('non_positive_quantity'),
        zero_price: count('zero_price'),
        negative_price: count('negative_price'),
        not_negative_in_cancellation: count('not_negative_in_cancellation'),
        shipping_alone: count('shipping_alone'),
        shipping_cancelled: count('shipping_cancelled'),
        other_customer: count('other_customer'),
        other_invoice_kind: count('other_invoice_kind'),
      },
      refunded_in_part: this.refundedInPart,
      rounded_prices: this.rows.filter(({ isRounded }) => isRounded).length,
      invoices: this.invoices,
    };
    return { requests: this.requests, lines };
  }

  private invoice(rows: readonly Row[]): void {
    const { invoice } = first(rows);
    const sent = this.requests.length;
    if (isPurchase(invoice)) {
      this.invoices.purchases += 1;
      this.purchase(rows);
    } else if (isCancellation(invoice)) {
      this.invoices.cancellations += 1;
      this.cancellation(rows);
    } else {
      this.invoices.other += 1;
      for (const row of rows) this.note(row, 'other_invoice_kind');
    }
    if (this.requests.length === sent) this.invoices.not_sent += 1;
  }

  private purchase(rows: readonly Row[]): void {
    const { invoice, customer } = first(rows);
    const goods: { row: Row; lineId: string }[] = [];
    const shipping: Row[] = [];
    rows.forEach((row, index) => {
      if (row.customer !== customer) this.note(row, 'other_customer');
      else if (row.quantity <= 0) this.note(row, 'non_positive_quantity');
      else if (row.priceMinor <= 0) this.note(row, row.priceMinor === 0 ? 'zero_price' : 'negative_price');
      else if (SHIPPING.includes(row.sku)) shipping.push(row);
      else goods.push({ row, lineId: `${index + 1}` });
    });
    for (const row of shipping) this.note(row, goods.length === 0 ? 'shipping_alone' : 'shipping');
    if (goods.length === 0) return;

    const lines = goods.map(({ row, lineId }) => this.purchaseLine(row, lineId));
    const body: PurchaseBody = {
      order_id: invoice,
      member_id: memberOf(customer),
      occurred_at: this.instant(rows),
      currency: 'GBP',
      channel: 'web',
      lines,
      prices_include_tax: false,
      discount_minor: 0,
      tax_minor: 0,
      shipping_minor: shipping.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0),
      paid_with_points_minor: 0,
      coupon_codes: [],
    };
    this.requests.push({ kind: 'purchase', body });
  }

  private purchaseLine(row: Row, lineId: string): PurchaseLine {
    const { invoice, customer, sku, name, quantity, priceMinor } = row;
    this.note(row, customer === '' ? 'guest' : 'earned');
    // Guests cannot be told apart, so nothing of theirs may be matched with a later cancellation.
    if (customer !== '') {
      const sale = { orderId: invoice, lineId, priceMinor, left: quantity };
      const sales = this.sales.get(saleKey(row));
      if (sales === undefined) this.sales.set(saleKey(row), [sale]);
      else sales.push(sale);
    }
    const named = name === '' ? {} : { name };
    return { line_id: lineId, sku, ...named, quantity, unit_price_minor: priceMinor, discount_minor: 0 };
  }

  /** One refund per order that the cancellation touches; what matches nothing becomes one that waits. */
  private cancellation(rows: readonly Row[]): void {
    const { invoice, customer } = first(rows);
    const refunds = new Map<string, Map<string, number>>();
    let unmatchedMinor = 0;
    for (const row of rows) {
      if (row.customer !== customer) this.note(row, 'other_customer');
      else if (row.quantity >= 0) this.note(row, 'not_negative_in_cancellation');
      else if (row.priceMinor <= 0) this.note(row, row.priceMinor === 0 ? 'zero_price' : 'negative_price');
      else if (SHIPPING.includes(row.sku)) this.note(row, 'shipping_cancelled');
      else {
        const left = this.takeBack(row, refunds);
        unmatchedMinor += left * row.priceMinor;
        this.note(row, left === -row.quantity ? 'waiting' : 'refunded');
        if (left > 0 && left < -row.quantity) this.refundedInPart += 1;
      }
    }
    const facts = {
      refund_id: invoice,
      member_id: memberOf(customer),
      occurred_at: this.instant(rows),
      currency: 'GBP',
    } as const;
    for (const [orderId, amounts] of refunds) {
      const lines = [...amounts].map(([line_id, amount_minor]) => ({ line_id, amount_minor }));
      this.requests.push({ kind: 'refund', orderId, body: { ...facts, order_id: orderId, lines } });
    }
    if (unmatchedMinor > 0) {
      // An invoice of the file may bear the number by chance: the refund must wait, not hit an order it did not match.
      const number = invoice.slice(1);
      const orderId = this.purchaseNumbers.has(number) ? invoice : number;
      const body = { ...facts, order_id: orderId, amount_minor: unmatchedMinor };
      this.requests.push({ kind: 'refund', orderId, body });
    }
  }

  /** Walks back over the customer's latest earlier sales of the SKU, at the price of the sale; answers what is left. */
  private takeBack(row: Row, refunds: Map<string, Map<string, number>>): number {
    const sales = (row.customer === '' ? undefined : this.sales.get(saleKey(row))) ?? [];
    let left = -row.quantity;
    for (let sale = sales.at(-1); left > 0 && sale !== undefined; sale = sales.at(-1)) {
      const taken = Math.min(left, sale.left);
      const amounts = refunds.get(sale.orderId) ?? new Map<string, number>();
      amounts.set(sale.lineId, (amounts.get(sale.lineId) ?? 0) + taken * sale.priceMinor);
      refunds.set(sale.orderId, amounts);
      left -= taken;
      sale.left -= taken;
      if (sale.left === 0) sales.pop();
    }
    return left;
  }

  private note(row: Row, fate: Fate): void {
    if (this.fates.has(row)) throw new Error(`invoice ${row.invoice}, ${row.sku}: a line counted twice`);
    this.fates.set(row, fate);
  }

  private instant(rows: readonly Row[]): string {
    return new Date(first(rows).at + this.shiftMs).toISOString();
  }
}

const isPurchase = (invoice: string): boolean => /^\d+$/.test(invoice);
const isCancellation = (invoice: string): boolean => /^C\d+$/.test(invoice);
const memberOf = (customer: string): string | null => (customer === '' ? null : customer);
const saleKey = ({ customer, sku }: Row): string => `${customer} ${sku}`;

function first(rows: readonly Row[]): Row {
  const row = rows[0];
  if (row === undefined) throw new Error('an invoice has at least one row');
  return row;
}

function rowsOf(path: string, bytes: Buffer): Row[] {
  try {
    const records: { record: Record<string, string>; info: { lines: number } }[] = parse(bytes, {
      bom: true,
      info: true,
      skip_empty_lines: true,
      columns: (header: string[]) => {
        const missing = COLUMNS.filter((column) => !header.includes(column));
        if (missing.length > 0) throw new OrdersFileError(`${path}: line 1: no column ${missing.join(', ')}`);
        return header;
      },
    });
    return records.map(({ record, info }) => rowOf(record, `${path}: line ${info.lines}`));
  } catch (error) {
    if (error instanceof CsvError) throw new OrdersFileError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function rowOf(record: Readonly<Record<string, string>>, place: string): Row {
  const value = (column: string, pattern: RegExp, wanted: string): string => {
    const found = record[column] ?? '';
    if (!pattern.test(found))
      throw new OrdersFileError(`${place}: ${column} should be ${wanted}, found "${found}"`);
    return found;
  };
  const price = minorOf(value('UnitPrice', /^-?\d{1,9}(\.\d+)?$/, 'an amount in pounds'));
  const quantity = Number(value('Quantity', /^-?\d{1,9}(\.0+)?$/, 'a whole number'));
  if (!Number.isSafeInteger(quantity * price.priceMinor))
    throw new OrdersFileError(`${place}: Quantity times UnitPrice is too large`);
  return {
    invoice: value('InvoiceNo', /^[A-Za-z]?\d{1,32}$/, 'an invoice number'),
    sku: value('StockCode', /^.{1,64}$/, 'a stock code'),
    name: record.Description ?? '',
    quantity,
    at: instantOf(
      value('InvoiceDate', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, 'a local time like 2010-12-01 08:26:00'),
      place,
    ),
    ...price,
    customer: value('CustomerID', /^[A-Za-z0-9._-]{0,64}$/, 'a customer id'),
  };
}

/** Pence from the digits themselves, never through a float; a fraction of a penny is rounded half up. */
function minorOf(price: string): { priceMinor: number; isRounded: boolean } {
  const [whole = '', fraction = ''] = price.replace('-', '').split('.');
  const digits = fraction.padEnd(3, '0');
  const pence = Number(whole) * 100 + Number(digits.slice(0, 2)) + (digits.charAt(2) >= '5' ? 1 : 0);
  return {
    priceMinor: price.startsWith('-') && pence > 0 ? -pence : pence,
    isRounded: /[1-9]/.test(digits.slice(2)),
  };
}

const offsets = new Intl.DateTimeFormat('en-GB', { timeZone: TIME_ZONE, timeZoneName: 'longOffset' });

function offsetMs(instant: number): number {
  const name = offsets.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  const ms = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return sign === '-' ? -ms : ms;
}

const instants = new Map<string, number>();

/** Wall clock to instant: the first of two in the hour that comes twice; an hour that is skipped moves on by the gap. */
function instantOf(local: string, place: string): number {
  const known = instants.get(local);
  if (known !== undefined) return known;
  const wall = Date.parse(`${local.replace(' ', 'T')}Z`);
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 19) !== local.replace(' ', 'T'))
    throw new OrdersFileError(`${place}: InvoiceDate "${local}" is no date`);
  const [before, after] = [offsetMs(wall - 86_400_000), offsetMs(wall + 86_400_000)];
  const candidates = [wall - before, wall - after].filter((at) => at + offsetMs(at) === wall);
  const at = candidates.length > 0 ? Math.min(...candidates) : wall - before;
  instants.set(local, at);
  return at;
}
