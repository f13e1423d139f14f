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
import { BooksRepository, START } from '../../storage/books.repository.js';
import type { WalletAddress } from '../../domain/post-chunk.js';

const WALLETS_A_BATCH = 500;
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
    let next: WalletAddress | undefined = after;
    if (isStart(next))
      this.tell(await this.books.recordPrograms(programDifferences(await this.query.programs())));
    do next = await this.checkBatch(next);
    while (next && !this.repetition.isStopping && performance.now() - startedAt < this.config.booksBudgetMs);
    return true;
  }

  /** @returns where to go on; undefined when the pass is over, or another instance has moved on */
  private async checkBatch(after: WalletAddress): Promise<WalletAddress | undefined> {
    const { next, found } = await this.database.transaction(async (tx) => {
      const wallets = await this.query.walletsAfter(tx, after, WALLETS_A_BATCH);
      const last = wallets.at(-1);
      const isPassOver = wallets.length < WALLETS_A_BATCH;
      if (!(await this.books.advance(tx, after, last ?? after, wallets.length)))
        return { next: undefined, found: 0 };
      const upTo = isPassOver ? undefined : last;
      const differences = wallets.flatMap(differencesOf);
      const newOnes = await this.books.recordWallets(tx, after, upTo, differences);
      if (isPassOver) await this.books.endPass(tx);
      return { next: upTo, found: newOnes };
    });
    this.tell(found);
    return next;
  }

  private tell(differences: number): void {
    if (differences > 0)
      this.logger.error(`the books disagree in ${differences} more places: see /internal/books`);
  }
}

const isStart = ({ programId }: WalletAddress): boolean => programId === START.programId;
