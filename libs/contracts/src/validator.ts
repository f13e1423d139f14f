import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { isCurrency, parseInstant } from '@kizuna/kernel';
import type { JSONSchema } from 'json-schema-to-ts';

/** One fault of a document; `pointer` is a JSON pointer (RFC 6901) into it. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

export type Checked<T> =
  { readonly valid: true; readonly value: T } | { readonly valid: false; readonly faults: readonly Fault[] };

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  ownProperties: true,
});
ajv.addFormat('instant', { type: 'string', validate: (text: string) => parseInstant(text) !== undefined });
ajv.addFormat('currency', { type: 'string', validate: isCurrency });

/** The same schema without `additionalProperties: false`: consumers ignore what they do not know. */
function opened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(opened);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === 'additionalProperties' && value === false))
      .map(([key, value]) => [key, opened(value)]),
  );
}

function escaped(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

function fault(error: ErrorObject): Fault {
  const { instancePath, params, message = 'is not valid' } = error;
  const { missingProperty, additionalProperty } = params as Record<string, string | undefined>;
  if (missingProperty)
    return { pointer: `${instancePath}/${escaped(missingProperty)}`, detail: 'is required' };
  if (additionalProperty)
    return { pointer: `${instancePath}/${escaped(additionalProperty)}`, detail: 'is not a known property' };
  if (error.keyword === 'oneOf')
    return { pointer: instancePath, detail: `must have exactly one of ${alternatives(error).join(', ')}` };
  if (error.keyword === 'anyOf')
    return {
      pointer: instancePath,
      detail: 'must be a storable text of at most 500 characters, a number or a boolean',
    };
  if (error.keyword === 'enum')
    return {
      pointer: instancePath,
      detail: `must be one of ${(params as { allowedValues: unknown[] }).allowedValues.join(', ')}`,
    };
  if (error.keyword === 'format' && error.params['format'] === 'instant')
    return { pointer: instancePath, detail: 'must be an RFC 3339 instant with an offset' };
  if (error.keyword === 'format')
    return { pointer: instancePath, detail: 'must be an ISO 4217 currency code' };
  return { pointer: instancePath, detail: message };
}

/** The properties among which a `oneOf` of ours lets choose. */
function alternatives({ schema }: ErrorObject): string[] {
  return (schema as { required?: string[] }[]).flatMap(({ required = [] }) => required);
}

/** What a branch of `oneOf` or `anyOf` lacks is no fault of its own. */
const isOfBranch = ({ schemaPath }: ErrorObject): boolean => /\/(oneOf|anyOf)\//.test(schemaPath);

const MAX_FAULTS = 50;

function checker<T>(validate: ValidateFunction): (value: unknown) => Checked<T> {
  return (value) => {
    if (validate(value)) return { valid: true, value: value as T };
    return {
      valid: false,
      faults: (validate.errors ?? [])
        .filter((error) => !isOfBranch(error))
        .slice(0, MAX_FAULTS)
        .map(fault),
    };
  };
}

/** For producers and the HTTP edge: unknown properties are refused. Compiled once, at import. */
export function closed<T>(schema: JSONSchema): (value: unknown) => Checked<T> {
  return checker<T>(ajv.compile(schema as object));
}

/** For consumers: unknown properties are ignored. Compiled once, at import. */
export function tolerant<T>(schema: JSONSchema): (value: unknown) => Checked<T> {
  return checker<T>(ajv.compile(opened(schema) as object));
}
