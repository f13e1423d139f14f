import { Injectable } from '@nestjs/common';
import { RoomMetrics } from '@kizuna/service';
import { BooksRepository } from '../../storage/books.repository.js';

/** Every instance tells the same: it is read from what the check has written down. */
@Injectable()
export class BooksMetrics {
  constructor(metrics: RoomMetrics, books: BooksRepository) {
    metrics.gauge(
      'kizuna_books_differences',
      'Places where the books disagree now',
      ['law'],
      async (gauge) => {
        for (const [law, count] of await books.openCounts()) gauge.set({ law }, count);
      },
    );
    metrics.gauge(
      'kizuna_books_since_last_pass_seconds',
      'Since all wallets had been checked',
      [],
      async (gauge) => gauge.set((await books.progress()).sinceLastPassSeconds),
    );
    metrics.gauge(
      'kizuna_books_pass_wallets',
      'Wallets that the pass under way has checked',
      [],
      async (gauge) => gauge.set((await books.progress()).passWallets),
    );
  }
}
