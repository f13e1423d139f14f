import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrdersFileError, readOrdersFile, type LineReport, type OrdersFile } from './orders-file.js';

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const SAMPLE = join(import.meta.dirname, 'sample-orders.csv');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orders-file-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A row in short: `invoice sku quantity price customer [day hh:mm]`; a customer of `-` is a guest. */
function read(rows: readonly string[], options: Parameters<typeof readOrdersFile>[1] = {}): OrdersFile {
  const lines = rows.map((row) => {
    const [invoice, sku, quantity, price, customer, day = '01', time = '10:00'] = row.split(' ');
    const who = customer === '-' ? '' : customer;
    return `${invoice},${sku},Tea,${quantity},2026-12-${day} ${time}:00,${price},${who},United Kingdom`;
  });
  return readFrom([HEADER, ...lines].join('\n'), options);
}

function readFrom(text: string, options: Parameters<typeof readOrdersFile>[1] = {}): OrdersFile {
  const path = join(folder, 'orders.csv');
  writeFileSync(path, text);
  return readOrdersFile(path, options);
}

const refundsOf = ({ requests }: OrdersFile) =>
  requests.flatMap((request) => (request.kind === 'refund' ? [request.body] : []));
const purchasesOf = ({ requests }: OrdersFile) =>
  requests.flatMap((request) => (request.kind === 'purchase' ? [request.body] : []));
const sumOf = ({ earned, guest, refunded, waiting, shipping, left_out }: LineReport) =>
  [earned, guest, refunded, waiting, shipping, ...Object.values(left_out)].reduce((a, b) => a + b, 0);

describe('an invoice', () => {
  it('is an order at the time of its first row, its lines named by their row number', () => {
    const file = read([
      '1001 SEN 2 7.95 31007',
      '1001 GYO 0 1.00 31007 01 10:01',
      '1001 POST 1 6.5 31007',
      '1001 SEN 1 7.95 31007',
    ]);
    expect(file.requests).toEqual([
      {
        kind: 'purchase',
        body: {
          order_id: '1001',
          member_id: '31007',
          occurred_at: '2026-12-01T10:00:00.000Z',
          currency: 'GBP',
          channel: 'web',
          lines: [
            { line_id: '1', sku: 'SEN', name: 'Tea', quantity: 2, unit_price_minor: 795, discount_minor: 0 },
            { line_id: '4', sku: 'SEN', name: 'Tea', quantity: 1, unit_price_minor: 795, discount_minor: 0 },
          ],
          prices_include_tax: false,
          discount_minor: 0,
          tax_minor: 0,
          shipping_minor: 650,
          paid_with_points_minor: 0,
          coupon_codes: [],
        },
      },
    ]);
    expect(file.lines).toMatchObject({
      total: 4,
      earned: 2,
      shipping: 1,
      left_out: { non_positive_quantity: 1 },
    });
  });

  it('of a guest is sent as a guest order', () => {
    const file = read(['1001 SEN 2 7.95 -', '1001 DOT 1 20 -']);
    expect(purchasesOf(file)).toMatchObject([{ member_id: null, shipping_minor: 2000 }]);
    expect(file.lines).toMatchObject({ earned: 0, guest: 1, shipping: 1 });
  });

  it('with no line left is not sent, but counted', () => {
    const file = read([
      '1001 SEN -2 0.0 -',
      '1002 SEN 1 0 31007',
      '1003 POST 1 6 31007',
      '1004 SEN 1 -3 31007',
    ]);
    expect(file.requests).toEqual([]);
    expect(file.lines).toMatchObject({
      total: 4,
      left_out: { non_positive_quantity: 1, zero_price: 1, shipping_alone: 1, negative_price: 1 },
      invoices: { purchases: 4, not_sent: 4 },
    });
  });

  it('belongs to the customer of its first row; rows of others are left out', () => {
    const file = read(['1001 SEN 1 5 31007', '1001 GYO 1 5 31019', '1001 GYO 1 5 -']);
    expect(purchasesOf(file)).toMatchObject([{ member_id: '31007', lines: [{ line_id: '1' }] }]);
    expect(file.lines).toMatchObject({ earned: 1, left_out: { other_customer: 2 } });
  });

  it('of another kind is left out and counted', () => {
    const file = read(['1001 SEN 1 5 31007', 'A1002 B 1 -11062.06 -', 'A1003 B 1 5 31007']);
    expect(file.requests).toHaveLength(1);
    expect(file.lines).toMatchObject({
      left_out: { other_invoice_kind: 2 },
      invoices: { other: 2, not_sent: 2 },
    });
  });

  it.each([
    ['2.125', 213, 1],
    ['2.124', 212, 1],
    ['0.995', 100, 1],
    ['1.1500', 115, 0],
    ['3', 300, 0],
    ['1.005', 101, 1],
  ])('with a price of %s costs %i pence', (price, pence, rounded_prices) => {
    const file = read([`1001 SEN 1 ${price} 31007`]);
    expect(purchasesOf(file)[0]?.lines[0]?.unit_price_minor).toBe(pence);
    expect(file.lines.rounded_prices).toBe(rounded_prices);
  });
});

describe('a cancellation', () => {
  it('walks back over the latest earlier sales of the customer, at the original prices', () => {
    const file = read([
      '1001 SEN 3 7.00 31007 01',
      '1002 SEN 2 8.00 31007 02',
      '1002 SEN 1 8.50 31007 02',
      '1003 SEN 9 9.00 31019 03',
      'C1004 SEN -5 5.55 31007 04',
      '1005 SEN 9 9.00 31007 05',
    ]);
    expect(refundsOf(file)).toEqual([
      {
        refund_id: 'C1004',
        order_id: '1002',
        member_id: '31007',
        occurred_at: '2026-12-04T10:00:00.000Z',
        currency: 'GBP',
        lines: [
          { line_id: '2', amount_minor: 850 },
          { line_id: '1', amount_minor: 1600 },
        ],
      },
      expect.objectContaining({
        refund_id: 'C1004',
        order_id: '1001',
        lines: [{ line_id: '1', amount_minor: 1400 }],
      }),
    ]);
    expect(file.lines).toMatchObject({ refunded: 1, waiting: 0 });
  });

  it('takes back what earlier ones have left', () => {
    const file = read(['1001 SEN 3 7.00 31007 01', 'C1002 SEN -2 7 31007 02', 'C1003 SEN -2 7 31007 03']);
    expect(refundsOf(file)).toMatchObject([
      { refund_id: 'C1002', order_id: '1001', lines: [{ line_id: '1', amount_minor: 1400 }] },
      { refund_id: 'C1003', order_id: '1001', lines: [{ line_id: '1', amount_minor: 700 }] },
      { refund_id: 'C1003', order_id: '1003', amount_minor: 700 },
    ]);
    expect(file.lines).toMatchObject({ refunded: 2, waiting: 0, refunded_in_part: 1 });
  });

  it('adds up rows that touch one line', () => {
    const file = read(['1001 SEN 3 7.00 31007 01', 'C1002 SEN -1 7 31007 02', 'C1002 SEN -1 7 31007 02']);
    expect(refundsOf(file)).toMatchObject([{ lines: [{ line_id: '1', amount_minor: 1400 }] }]);
    expect(file.lines.refunded).toBe(2);
  });

  it('that matches nothing waits under its own number, what is no goods is left out', () => {
    const file = read([
      '1001 SEN 3 7.00 - 01',
      'C1002 SEN -1 7.00 - 02',
      'C1003 D -1 27.5 31007 03',
      'C1003 M -2 1 31007 03',
      'C1003 POST -1 6.5 31007 03',
      'C1003 SEN 1 6.5 31007 03',
      'C1003 SEN -1 0 31007 03',
    ]);
    expect(refundsOf(file)).toMatchObject([
      { refund_id: 'C1002', order_id: '1002', member_id: null, amount_minor: 700 },
      { refund_id: 'C1003', order_id: '1003', member_id: '31007', amount_minor: 2950 },
    ]);
    expect(file.lines).toMatchObject({
      waiting: 3,
      left_out: { shipping_cancelled: 1, not_negative_in_cancellation: 1, zero_price: 1 },
    });
  });

  it('never hits an order that bears its number by chance', () => {
    const file = read(['1002 SEN 3 7.00 31007 01', 'C1002 GYO -1 7.00 31007 02']);
    expect(refundsOf(file)).toMatchObject([{ order_id: 'C1002', amount_minor: 700 }]);
  });

  it('before the sale in time does not match it, wherever its row stands', () => {
    const file = read(['1001 SEN 3 7.00 31007 02', 'C1002 SEN -1 7.00 31007 01']);
    expect(file.requests.map(({ kind }) => kind)).toEqual(['refund', 'purchase']);
    expect(refundsOf(file)).toMatchObject([{ order_id: '1002' }]);
  });
});

describe('times', () => {
  const at = (local: string) =>
    readFrom(`${HEADER}\n1001,SEN,Tea,1,${local},5,31007,United Kingdom`).firstAt.toISOString();

  it.each([
    ['2026-12-01 08:26:00', '2026-12-01T08:26:00.000Z'],
    ['2026-07-01 08:26:00', '2026-07-01T07:26:00.000Z'],
    ['2026-10-25 01:30:00', '2026-10-25T00:30:00.000Z'], // comes twice: the first
    ['2026-10-25 02:00:00', '2026-10-25T02:00:00.000Z'],
    ['2026-03-29 00:59:59', '2026-03-29T00:59:59.000Z'],
    ['2026-03-29 01:30:00', '2026-03-29T01:30:00.000Z'], // skipped: 02:30 summer time
    ['2026-03-29 02:00:00', '2026-03-29T01:00:00.000Z'],
  ])('%s in London is %s', (local, utc) => {
    expect(at(local)).toBe(utc);
  });

  it('shift by one constant, so that the last line is where it is wanted', () => {
    const rows = [
      '1001 SEN 1 5 31007 01 10:00',
      '1002 SEN 1 5 31007 02 10:00',
      '1002 GYO 1 5 31007 02 10:01',
    ];
    const file = read(rows, { shiftTo: new Date('2027-04-01T00:00:00.123Z') });
    expect(purchasesOf(file).map(({ occurred_at }) => occurred_at)).toEqual([
      '2027-03-30T23:59:00.123Z',
      '2027-03-31T23:59:00.123Z',
    ]);
    expect(file.lastAt.toISOString()).toBe('2026-12-02T10:01:00.000Z');
    const again = read(rows, { shiftTo: new Date('2028-01-01T00:00:00Z'), shiftMs: file.shiftMs });
    expect(again.requests).toEqual(file.requests);
  });
});

describe('a file that cannot be read', () => {
  const good = '1001,SEN,Tea,1,2026-12-01 10:00:00,5,31007,United Kingdom';
  it.each([
    [
      'a fractional quantity',
      good.replace('Tea,1', 'Tea,1.5'),
      /line 3: Quantity should be a whole number, found "1.5"/,
    ],
    ['a price that is none', good.replace(',5,', ',1e3,'), /line 3: UnitPrice .* found "1e3"/],
    [
      'a date that is none',
      good.replace('12-01', '02-30'),
      /line 3: InvoiceDate "2026-02-30 10:00:00" is no date/,
    ],
    ['another date format', good.replace('2026-12-01 10:00:00', '12/1/2026 10:00'), /line 3: InvoiceDate/],
    ['an e-mail as customer', good.replace('31007', 'a@b.example'), /line 3: CustomerID/],
    ['no invoice number', good.replace('1001', ''), /line 3: InvoiceNo/],
    [
      'amounts beyond counting',
      good.replace('1,2026', '999999999,2026').replace(',5,', ',999999999,'),
      /line 3: .*too large/,
    ],
    ['a missing column', '1001,SEN,Tea', /line 3/],
  ])('names the line: %s', (_name, row, message) => {
    expect(() => readFrom([HEADER, good, row].join('\n'))).toThrow(OrdersFileError);
    expect(() => readFrom([HEADER, good, row].join('\n'))).toThrow(message);
  });

  it('names missing columns and an empty file', () => {
    expect(() => readFrom(good.replace('SEN', 'x'))).toThrow(/no column InvoiceNo/);
    expect(() => readFrom(HEADER)).toThrow(/no lines/);
    expect(() => readFrom('')).toThrow(OrdersFileError);
  });
});

describe('the sample file', () => {
  it('is read whole, every line counted once', () => {
    const file = readOrdersFile(SAMPLE);
    const { lines } = file;
    const rows = readFileSync(SAMPLE, 'utf8').trimEnd().split('\n').length - 1;
    expect(lines.total).toBe(rows);
    expect(sumOf(lines)).toBe(lines.total);
    expect(file.hash).toBe(createHash('sha256').update(readFileSync(SAMPLE)).digest('hex'));
    for (const count of [
      lines.guest,
      lines.refunded,
      lines.waiting,
      lines.shipping,
      lines.left_out.zero_price,
    ])
      expect(count).toBeGreaterThan(0);
  });

  it('reports as sent what is sent, and refunds no line above its value', () => {
    const file = readOrdersFile(SAMPLE);
    const purchases = purchasesOf(file);
    const countOf = (isGuest: boolean) =>
      purchases.filter(({ member_id }) => (member_id === null) === isGuest).flatMap(({ lines }) => lines)
        .length;
    expect([countOf(false), countOf(true)]).toEqual([file.lines.earned, file.lines.guest]);

    const left = new Map<string, number>();
    for (const { order_id, lines } of purchases)
      for (const { line_id, quantity, unit_price_minor } of lines)
        left.set(`${order_id} ${line_id}`, quantity * unit_price_minor);
    for (const { order_id, lines } of refundsOf(file))
      for (const { line_id, amount_minor } of lines ?? []) {
        const key = `${order_id} ${line_id}`;
        left.set(key, (left.get(key) ?? 0) - amount_minor);
      }
    expect(Math.min(...left.values())).toBeGreaterThanOrEqual(0);
    const ids = refundsOf(file).map(({ order_id, refund_id }) => `${order_id} ${refund_id}`);
    expect(new Set(ids).size).toBe(ids.length);
    const times = file.requests.map(({ body }) => body.occurred_at);
    expect([...times].sort()).toEqual(times);
  });
});
