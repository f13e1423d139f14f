/**
 * Remembers answers for a short time, and never more than `maxEntries` of them: when it is full, the oldest goes. Callers
 * of the same key at the same time share one load; a load that fails is not remembered.
 */
export class ExpiringMap<Value> {
  private readonly entries = new Map<string, { readonly value: Promise<Value>; readonly until: number }>();

  constructor(
    private readonly ttlMs: number,
    private readonly maxEntries: number,
  ) {}

  get(key: string, load: () => Promise<Value>): Promise<Value> {
    const known = this.entries.get(key);
    if (known && known.until > performance.now()) return known.value;
    const value = load();
    this.set(key, value);
    value.catch(() => {
      if (this.entries.get(key)?.value === value) this.entries.delete(key);
    });
    return value;
  }

  has(key: string): boolean {
    return (this.entries.get(key)?.until ?? 0) > performance.now();
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  get size(): number {
    return this.entries.size;
  }

  set(key: string, value: Promise<Value>): void {
    this.entries.delete(key);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size < this.maxEntries) break;
      this.entries.delete(oldest);
    }
    this.entries.set(key, { value, until: performance.now() + this.ttlMs });
  }
}
