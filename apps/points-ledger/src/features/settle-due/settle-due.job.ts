import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '@kizuna/database';
import { memberKey, type Instant } from '@kizuna/kernel';
import { appendToOutbox, laneOf } from '@kizuna/messaging';
import { Repetition, ROOM_CONFIG } from '@kizuna/service';
import { redatedLots, type Redated } from '../../domain/follow-activity.js';
import type { Inactivity } from '../../domain/inactivity.js';
import { programWallet } from '../../domain/post-chunk.js';
import { settleDue } from '../../domain/settle-due.js';
import type { Lot, Transfer, Wallet } from '../../domain/wallet.js';
import type { PointsLedgerConfig } from '../../points-ledger.config.js';
import { DueLotsQuery } from '../../storage/due-lots.query.js';
import { LedgerRepository } from '../../storage/ledger.repository.js';
import { ProgramsRepository } from '../../storage/programs.repository.js';
import { TransferPartitions } from '../../storage/transfer-partitions.js';
import { writePostings } from '../../storage/write-postings.js';
import { EVENT_SOURCE, transferNews } from '../../wire/transfer-news.js';

const LOTS_A_BATCH = 500;
/** Of one transaction, however many lots its wallets have: what is left is the next one's. */
const STEPS_A_BATCH = 2_000;

/**
 * Posts releases and expiries as their time comes, by the clock of each program. Every instance runs it: a wallet that
 * another one holds is passed over, and one that was settled meanwhile has nothing due any more.
 */
@Injectable()
export class SettleDueJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repetition: Repetition;

  constructor(
    private readonly database: Database,
    private readonly programs: ProgramsRepository,
    private readonly due: DueLotsQuery,
    private readonly ledger: LedgerRepository,
    private readonly partitions: TransferPartitions,
    @Inject(ROOM_CONFIG) config: PointsLedgerConfig,
  ) {
    this.repetition = new Repetition({
      name: 'settle-due',
      everyMs: config.settleIntervalMs,
      run: () => this.settleAll(),
    });
  }

  onApplicationBootstrap(): void {
    this.repetition.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.repetition.stop();
  }

  /** Settles everything that is due now, in batches. @returns how many transfers it posted and dates it moved */
  async settleAll(): Promise<number> {
    const presents = await this.programs.allPresents();
    const due = new Set(await this.due.programs(presents));
    let posted = 0;
    for (const { programId, now } of presents) {
      if (!due.has(programId)) continue;
      for (let moved = Infinity; moved > 0 && !this.repetition.isStopping; posted += moved)
        moved = await this.settleBatch(programId, now);
    }
    return posted;
  }

  private async settleBatch(programId: string, now: Instant): Promise<number> {
    const addresses = await this.due.wallets(programId, now, LOTS_A_BATCH);
    const [first] = addresses;
    if (!first) return 0;
    const lane = laneOf(memberKey(programId, first.memberId));
    return this.database.transaction(async (tx) => {
      const wallets = [...(await this.ledger.lockFreeWallets(tx, addresses)).entries()];
      if (wallets.length === 0) return 0;
      const lots = await this.ledger.lots(
        tx,
        wallets.map(([, wallet]) => wallet),
      );
      const { inactivity } = await this.programs.presents(tx, [programId]);
      const settled = settleEach(wallets, lots, now, inactivity);
      const steps = stepsOf(settled);
      if (steps === 0) return 0;
      await this.partitions.ensure(settled.transfers.map(({ effectiveAt }) => effectiveAt));
      await writePostings(tx, lane, { ...settled, newLots: [] });
      await appendToOutbox(tx, EVENT_SOURCE, settled.transfers.map(transferNews));
      return steps;
    });
  }
}

interface Settled {
  readonly wallets: Wallet[];
  readonly changedLots: Lot[];
  readonly redatedLots: Redated[];
  readonly transfers: Transfer[];
}

/** A lot that has got another date is not due any more, which is a step like others. */
const stepsOf = ({ transfers, redatedLots: redated }: Settled): number => transfers.length + redated.length;

function settleEach(
  wallets: readonly (readonly [name: string, wallet: Wallet])[],
  lots: ReadonlyMap<string, readonly Lot[]>,
  now: Instant,
  inactivity: ReadonlyMap<string, Inactivity>,
): Settled {
  const settled: Settled = { wallets: [], changedLots: [], redatedLots: [], transfers: [] };
  for (const [name, wallet] of wallets) {
    const left = STEPS_A_BATCH - stepsOf(settled);
    if (left <= 0) break;
    const before = lots.get(name) ?? [];
    const done = settleDue(wallet, before, now, inactivity.get(programWallet(wallet)), left);
    settled.changedLots.push(...done.lots);
    settled.redatedLots.push(...redatedLots(before, done.lots));
    if (done.transfers.length === 0) continue;
    settled.wallets.push(done.wallet);
    settled.transfers.push(...done.transfers);
  }
  return settled;
}
