import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Database } from '@kizuna/database';
import { Repetition, ROOM_CONFIG } from '@kizuna/service';
import { differencesOf, programDifferences } from '../../domain/books.js';
import type { PointsLedgerConfig } from '../../points-ledger.config.js';
import { BooksQuery } from '../../storage/books.query.js';
import { BooksRepository } from '../../storage/books.repository.js';
import type { WalletAddress } from '../../domain/post-chunk.js';

const WALLETS_A_BATCH = 500;
/** A batch that takes longer than this does not become larger. */
const QUICK_MS = 1_000;
/** Where to go on, or why not: the last wallet was seen, or another instance has gone on meanwhile. */
type Progress = WalletAddress | 'pass over' | 'overtaken';
/** An instance asks oftener than anybody has the turn: when one dies in its turn the next comes in time. */
const ASKS_A_TURN = 10;

/**
 * Proves the books to themselves while they are written: one instance at a time, a bounded while per turn, going on where the
 * turn before ended. It changes nothing but its own notes.
 */
@Injectable()
export class CheckBooksJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('check-books');
  private readonly repetition: Repetition;
  private walletsABatch = WALLETS_A_BATCH;

  constructor(
    private readonly database: Database,
    private readonly query: BooksQuery,
    private readonly books: BooksRepository,
    @Inject(ROOM_CONFIG) private readonly config: PointsLedgerConfig,
  ) {
    this.repetition = new Repetition({
      name: 'check-books',
      everyMs: config.booksIntervalMs / ASKS_A_TURN,
      run: () => this.takeTurn(),
    });
  }

  onApplicationBootstrap(): void {
    this.repetition.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.repetition.stop();
  }

  /** One turn, if it is free. @returns whether it was */
  async takeTurn(): Promise<boolean> {
    if (!(await this.books.takeTurn(this.config.booksIntervalMs))) return false;
    const startedAt = performance.now();
    const { after } = await this.books.progress();
    let next: Progress = after;
    do next = await this.checkNext(next);
    while (
      typeof next !== 'string' &&
      !this.repetition.isStopping &&
      performance.now() - startedAt < this.config.booksBudgetMs
    );
    if (next === 'pass over') await this.checkPrograms();
    return true;
  }

  private async checkPrograms(): Promise<void> {
    const books = await this.query.programs(() => this.repetition.isStopping);
    if (books) this.tell(await this.books.recordPrograms(programDifferences(books)));
  }

  /**
   * One batch. One that fails leaves half its size for the next turn: where wallets have so many transfers, or the disk gives
   * them so slowly, that a statement takes longer than it may, the walk would stand there for ever.
   */
  private async checkNext(after: WalletAddress): Promise<Progress> {
    const size = this.walletsABatch;
    const startedAt = performance.now();
    this.walletsABatch = Math.ceil(size / 2);
    const next = await this.checkBatch(after, size);
    const isQuick = performance.now() - startedAt < QUICK_MS;
    this.walletsABatch = isQuick ? Math.min(WALLETS_A_BATCH, 2 * size) : size;
    return next;
  }

  private async checkBatch(after: WalletAddress, size: number): Promise<Progress> {
    const { next, found } = await this.database.transaction(async (tx) => {
      const wallets = await this.query.walletsAfter(tx, after, size);
      const last = wallets.at(-1);
      const isPassOver = wallets.length < size;
      if (!(await this.books.advance(tx, after, last ?? after, wallets.length)))
        return { next: 'overtaken' as const, found: 0 };
      const upTo = isPassOver ? undefined : last;
      const differences = wallets.flatMap(differencesOf);
      const newOnes = await this.books.recordWallets(tx, after, upTo, differences);
      if (isPassOver) await this.books.endPass(tx);
      return { next: upTo ?? ('pass over' as const), found: newOnes };
    });
    this.tell(found);
    return next;
  }

  private tell(differences: number): void {
    if (differences > 0)
      this.logger.error(`the books disagree in ${differences} more places: see /internal/books`);
  }
}
