/** The words of JSON Schema that the contracts use. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
}

/** One property of an event's data; `path` has `[]` for the items of a list. */
export interface Field {
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
}

/** Every property, those of nested objects after the one that holds them. */
export function fieldsOf(schema: unknown, prefix = ''): Field[] {
  const { properties = {}, required = [] } = schema as Schema;
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const isRequired = required.includes(name);
    const nested = property.items ? fieldsOf(property.items, `${path}[].`) : fieldsOf(property, `${path}.`);
    return [{ path, type: typeText(property), isRequired }, ...nested];
  });
}

function typeText(schema: Schema): string {
  if (schema.const !== undefined) return `always ${JSON.stringify(schema.const)}`;
  if (schema.enum) return `one of ${schema.enum.map((value) => `\`${String(value)}\``).join(', ')}`;
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' or ');
  const types = [schema.type ?? 'any'].flat();
  return types.map((type) => oneType(type, schema)).join(' or ');
}

function oneType(type: string, schema: Schema): string {
  if (type === 'string') return stringText(schema);
  if (type === 'integer' || type === 'number') return `${type}${rangeText(schema.minimum, schema.maximum)}`;
  if (type === 'array')
    return `list of${rangeText(schema.minItems, schema.maxItems)}, each ${schema.items ? typeText(schema.items) : 'anything'}`;
  if (type === 'object' && typeof schema.additionalProperties === 'object')
    return `object of ${typeText(schema.additionalProperties)}`;
  return type;
}

function stringText({ format, pattern, minLength, maxLength }: Schema): string {
  if (format) return format;
  const length = maxLength === undefined ? '' : ` of ${minLength ?? 0} to ${maxLength}`;
  return `string${length}${pattern ? `, \`${pattern}\`` : ''}`;
}

function rangeText(low: number | undefined, high: number | undefined): string {
  if (high === undefined || high === Number.MAX_SAFE_INTEGER)
    return low === undefined || low === Number.MIN_SAFE_INTEGER ? '' : ` >= ${low}`;
  return ` ${low ?? 0} to ${high}`;
}
