/** RFC 8785 for what JSON can carry here. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}

/** Two spellings of one moment are one content. */
export const contentOf = (body: object & { readonly occurred_at: string }): string =>
  canonical({ ...body, occurred_at: new Date(body.occurred_at).toISOString() });
