import { seeded } from '../bench/load/seeded.js';

/** Seeded chance. Each purpose has its own stream, so that one does not shift another. */
export class Chance {
  private readonly next: () => number;

  constructor(seed: number, purpose: string) {
    let mixed = seed >>> 0;
    for (const char of purpose) mixed = (Math.imul(mixed, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
    this.next = seeded(mixed);
  }

  /** From 0 up to, not including, 1. */
  fraction(): number {
    return this.next();
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  /** Both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** @throws when there is nothing to pick from */
  pick<Item>(items: readonly Item[]): Item {
    const index = this.whole(0, items.length - 1);
    if (index >= items.length || items.length === 0) throw new Error('nothing to pick from');
    return items[index] as Item;
  }

  /** One of the names, as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries<number>(weights) as [Name, number][];
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    throw new Error('weights add up to nothing');
  }
}
