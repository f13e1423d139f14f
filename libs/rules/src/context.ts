import { localDay, localTime, type Instant } from '@kizuna/kernel';

/** What a rule can be about. */
export type TriggerKind = 'purchase' | 'engagement';

/** Flat facts of a shop's own making, as they came. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

interface ValueTypes {
  string: string;
  int: bigint;
  bool: boolean;
  'list<string>': readonly string[];
  attributes: Attributes;
}

export type FieldType = keyof ValueTypes;

export interface ContextField {
  readonly type: FieldType;
  /** What the value counts or is written in; '' where it has none. */
  readonly unit: string;
  readonly meaning: string;
}

interface ContextVariable {
  readonly triggers: readonly TriggerKind[];
  readonly meaning: string;
  readonly fields: Readonly<Record<string, ContextField>>;
}

const attributes = {
  type: 'attributes',
  unit: '',
  meaning:
    "The shop's own facts by name: string, number or bool. A number without a fraction is an int, another one a double. A name that is missing makes the condition fail: ask `has(…)` first.",
} as const satisfies ContextField;

/**
 * Everything that a condition can read: the type declarations of the language, the types of `PurchaseContext` and
 * `EngagementContext` and docs/generated/rule-context.md all come from here.
 */
export const CONTEXT = {
  order: {
    triggers: ['purchase'],
    meaning: 'The purchase as it was recorded. Refunds do not change it.',
    fields: {
      currency: { type: 'string', unit: 'ISO 4217 code', meaning: 'Currency of all its money.' },
      channel: {
        type: 'string',
        unit: '',
        meaning: "Where it was made, in the shop's words: `web`, `store`, …",
      },
      store_id: { type: 'string', unit: '', meaning: "The store; `''` when it has none." },
      payment_method: { type: 'string', unit: '', meaning: "How it was paid; `''` when it is not told." },
      total_minor: {
        type: 'int',
        unit: 'minor units',
        meaning: 'What was paid for all lines, after every discount; shipping is not in it.',
      },
      eligible_minor: {
        type: 'int',
        unit: 'minor units',
        meaning: 'What can earn: paid in money, net of tax where the program earns so, without gift cards.',
      },
      discount_minor: {
        type: 'int',
        unit: 'minor units',
        meaning: 'Discounts of the lines and of the order together.',
      },
      shipping_minor: { type: 'int', unit: 'minor units', meaning: 'Shipping; it never earns.' },
      paid_with_points_minor: { type: 'int', unit: 'minor units', meaning: 'The part paid with points.' },
      quantity: { type: 'int', unit: 'pieces', meaning: 'Sum of the quantities of all lines.' },
      skus: { type: 'list<string>', unit: '', meaning: 'The SKUs of its lines, each once.' },
      categories: { type: 'list<string>', unit: '', meaning: 'The categories of its lines, each once.' },
      brands: { type: 'list<string>', unit: '', meaning: 'The brands of its lines, each once.' },
      coupon_codes: { type: 'list<string>', unit: '', meaning: 'Coupons that were entered.' },
      attributes,
    },
  },
  engagement: {
    triggers: ['engagement'],
    meaning: 'Something that the member did, other than buying.',
    fields: {
      activity: { type: 'string', unit: 'code', meaning: 'What it was: `review`, `sign-up`, …' },
      attributes,
    },
  },
  member: {
    triggers: ['purchase', 'engagement'],
    meaning: 'History of the member in the order of deciding.',
    fields: {
      orders: {
        type: 'int',
        unit: 'orders',
        meaning: 'Orders that were decided before this one; those wholly refunded are not counted.',
      },
      is_first_purchase: {
        type: 'bool',
        unit: '',
        meaning: 'Whether there is no such order: `orders == 0`.',
      },
    },
  },
  time: {
    triggers: ['purchase', 'engagement'],
    meaning: "`occurred_at` on the clock and calendar of the program's time zone.",
    fields: {
      year: { type: 'int', unit: 'year', meaning: '2027.' },
      month: { type: 'int', unit: '1 to 12', meaning: 'Month of the year.' },
      day: { type: 'int', unit: '1 to 31', meaning: 'Day of the month.' },
      weekday: { type: 'int', unit: '1 to 7', meaning: 'Day of the week: 1 is Monday, 7 is Sunday.' },
      hour: { type: 'int', unit: '0 to 23', meaning: 'Hour of the day.' },
    },
  },
} as const satisfies Readonly<Record<string, ContextVariable>>;

export type ContextName = keyof typeof CONTEXT;

export type Facts<Name extends ContextName> = {
  readonly [
    Field in keyof (typeof CONTEXT)[Name]['fields']
  ]: (typeof CONTEXT)[Name]['fields'][Field] extends {
    type: infer Type extends FieldType;
  }
    ? ValueTypes[Type]
    : never;
};

/** Without `member`, a condition that reads it fails: load it where `usesMemberHistory` says so. */
export interface PurchaseContext {
  readonly order: Facts<'order'>;
  readonly member?: Facts<'member'> | undefined;
  readonly time: Facts<'time'>;
}

export interface EngagementContext {
  readonly engagement: Facts<'engagement'>;
  readonly member?: Facts<'member'> | undefined;
  readonly time: Facts<'time'>;
}

/** The fields of a variable by name. */
export function fieldsOf(name: ContextName): Readonly<Record<string, ContextField>> {
  return CONTEXT[name].fields;
}

export function isContextName(name: string): name is ContextName {
  return Object.hasOwn(CONTEXT, name);
}

export function missingField(name: ContextName, field: string): string {
  return `${name} has no ${field}: it has ${Object.keys(fieldsOf(name)).join(', ')}`;
}

/** The names that a rule of this kind can read. */
export function namesFor(trigger: TriggerKind): ContextName[] {
  return (Object.keys(CONTEXT) as ContextName[]).filter((name) =>
    (CONTEXT[name].triggers as readonly TriggerKind[]).includes(trigger),
  );
}

/** `time` of a moment. */
export function timeFacts(at: Instant, timeZone: string): Facts<'time'> {
  const [year = '', , day = ''] = localDay(at, timeZone).split('-');
  const { month, hour, weekday } = localTime(at, timeZone);
  return {
    year: BigInt(year),
    month: BigInt(month),
    day: BigInt(day),
    weekday: BigInt(weekday),
    hour: BigInt(hour),
  };
}
