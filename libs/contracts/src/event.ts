import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import type { Topic } from './topics.js';
import { closed, tolerant, type Checked } from './validator.js';

/** CloudEvents 1.0, structured JSON, with our extensions in their lower-case form. */
export interface EventEnvelope<Data = unknown> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** `occurred_at`, RFC 3339 in UTC. */
  readonly time: string;
  /** The member, or `order:<order_id>` of a guest. */
  readonly subject?: string;
  readonly datacontenttype?: 'application/json';
  readonly program: string;
  readonly receivedat?: string;
  readonly causationid?: string;
  readonly correlationid?: string;
  readonly traceparent?: string;
  readonly data: Data;
}

export interface EventContract<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly topic: Topic;
  readonly schema: JSONSchema;
  /** Producers: closed. */
  readonly checkClosed: (data: unknown) => Checked<Data>;
  /** Consumers: unknown properties are ignored. */
  readonly check: (data: unknown) => Checked<Data>;
}

/** One source for an event: the schema gives the type, both validators and the published document. */
export function defineEvent<const Type extends string, const Schema extends JSONSchema>(
  type: Type,
  topic: Topic,
  schema: Schema,
): EventContract<Type, FromSchema<Schema>> {
  return { type, topic, schema, checkClosed: closed(schema), check: tolerant(schema) };
}

export type DataOf<Contract> = Contract extends EventContract<string, infer Data> ? Data : never;
