import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Database } from '@kizuna/database';
import { ROOM_CONFIG } from '@kizuna/service';
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
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isStopping = false;

  constructor(
    private readonly database: Database,
    private readonly query: BooksQuery,
    private readonly books: BooksRepository,
    @Inject(ROOM_CONFIG) private readonly config: PointsLedgerConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.running;
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
    while (next && !this.isStopping && performance.now() - startedAt < this.config.booksBudgetMs);
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

  private schedule(): void {
    if (this.isStopping) return;
    // Instances that started together do not stay together.
    const waitMs = (this.config.booksIntervalMs / ASKS_A_TURN) * (1 + Math.random() / 2);
    this.timer = setTimeout(() => {
      this.running = this.takeTurn()
        .then(
          () => undefined,
          (error: unknown) => this.logger.warn({ err: error }, 'checking the books failed, trying again'),
        )
        .finally(() => this.schedule());
    }, waitMs);
    this.timer.unref();
  }
}

const isStart = ({ programId }: WalletAddress): boolean => programId === START.programId;
