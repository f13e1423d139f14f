import { Injectable } from '@nestjs/common';
import { Database, ensurePartition } from '@kizuna/database';

const hex = (ms: number): string => ms.toString(16).padStart(12, '0');
const lowestId = (ms: number): string => `${hex(ms).slice(0, 8)}-${hex(ms).slice(8)}-0000-0000-000000000000`;

/** The months of transfers. An id carries its milliseconds, so the month of an event names the partition of its transfer. */
@Injectable()
export class TransferPartitions {
  private readonly known = new Set<string>();

  constructor(private readonly database: Database) {}

  /** Are the partitions of these months known to be there? */
  has(months: readonly number[]): boolean {
    return months.every((at) => this.known.has(monthOf(at)));
  }

  /**
   * Makes the partitions of these months where they are missing, on a connection of its own; attaching one does not stop
   * those who write to the others.
   */
  async ensure(months: readonly number[]): Promise<void> {
    for (const at of new Set(months.map(monthOf))) {
      if (this.known.has(at)) continue;
      const [year = 0, month = 1] = at.split('-').map(Number);
      await ensurePartition(this.database, 'transfer', {
        suffix: `y${year}m${String(month).padStart(2, '0')}`,
        low: lowestId(Date.UTC(year, month - 1, 1)),
        high: lowestId(Date.UTC(year, month, 1)),
      });
      this.known.add(at);
    }
  }
}

function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}
