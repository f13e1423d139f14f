import { Injectable } from '@nestjs/common';
import { canonicalHash, type ProgramSettings } from '@kizuna/contracts';
import { CommitOutcomeUnknown, Database, type Transaction } from '@kizuna/database';
import {
  formatInstant,
  memberKey,
  minor,
  points,
  type Decision,
  type Instant,
  type Points,
} from '@kizuna/kernel';
import { appendToOutbox, laneOf } from '@kizuna/messaging';
import { redatedLots } from '../../domain/follow-activity.js';
import { programWallet, walletName, type WalletAddress } from '../../domain/post-chunk.js';
import {
  redeem,
  type Redeemed,
  type RedemptionRejection,
  type RedemptionTerms,
} from '../../domain/redeem.js';
import { settleDue } from '../../domain/settle-due.js';
import { openWallet, type Lot, type Moved } from '../../domain/wallet.js';
import { LedgerRepository } from '../../storage/ledger.repository.js';
import { inactivityOf, ProgramsRepository } from '../../storage/programs.repository.js';
import {
  isDecidedAlready,
  RedemptionsRepository,
  type DecidedRedemption,
  type RememberedRedemption,
} from '../../storage/redemptions.repository.js';
import { TransferPartitions } from '../../storage/transfer-partitions.js';
import { writePostings } from '../../storage/write-postings.js';
import { EVENT_SOURCE, transferNews } from '../../wire/transfer-news.js';
import { WalletTurns } from './wallet-turns.js';

export interface RedemptionCommand extends WalletAddress {
  readonly redemptionId: string;
  readonly units: Points;
  readonly order:
    { readonly orderId: string; readonly currency: string; readonly amountMinor: number } | undefined;
  readonly reason: string | undefined;
  readonly actor: string;
}

type Answer = Pick<RememberedRedemption, 'requestHash' | 'answer' | 'refusal'>;

/** What a decision needs that is not there: it is made outside of the transaction, which then starts again. */
class MonthsMissing extends Error {
  constructor(readonly months: readonly Instant[]) {
    super('a month of transfers has no partition yet');
  }
}

/** One redemption at a time per wallet: decided under the wallet's lock, its answer stored with its effect. */
@Injectable()
export class RedeemPointsHandler {
  private readonly turns = new WalletTurns();

  constructor(
    private readonly database: Database,
    private readonly programs: ProgramsRepository,
    private readonly ledger: LedgerRepository,
    private readonly redemptions: RedemptionsRepository,
    private readonly partitions: TransferPartitions,
  ) {}

  /** @returns what was answered to this id, now or before; undefined while the program's settings are on their way */
  redeem(command: RedemptionCommand): Promise<Answer | undefined> {
    return this.turns.take(walletName(command), () => this.decided(command));
  }

  private async decided(command: RedemptionCommand): Promise<Answer | undefined> {
    const { programId, redemptionId } = command;
    const known = await this.redemptions.find(programId, redemptionId);
    if (known) return known;
    try {
      return await this.database.transaction((tx) => this.decide(tx, command));
    } catch (error) {
      if (error instanceof MonthsMissing) {
        await this.partitions.ensure(error.months);
        return this.decided(command);
      }
      if (!isDecidedAlready(error) && !(error instanceof CommitOutcomeUnknown)) throw error;
      const other = await this.redemptions.find(programId, redemptionId);
      if (!other) throw error;
      return other;
    }
  }

  private async decide(tx: Transaction, command: RedemptionCommand): Promise<Answer | undefined> {
    const { programId, redemptionId } = command;
    const name = walletName(command);
    const locked = (await this.ledger.lockWallets(tx, [command])).get(name);
    const known = await this.redemptions.find(programId, redemptionId, tx);
    if (known) return known;
    const settings = await this.programs.settings(programId, tx);
    if (!settings) return undefined;
    const at = this.programs.now(settings);
    const lots = locked ? ((await this.ledger.lots(tx, [command])).get(name) ?? []) : [];
    const wallet = locked ?? openWallet(programId, command.memberId, command.wallet);

    const terms = termsOf(settings, command.wallet);
    const settled = settleDue(wallet, lots, at, terms?.inactivity);
    const current = new Map([...lots, ...settled.lots].map((lot) => [lot.lotId, lot]));
    const decision = redeem(settled.wallet, current.values(), terms, {
      redemptionId,
      units: command.units,
      order: command.order && {
        currency: command.order.currency,
        amount: minor(command.order.amountMinor),
      },
      at,
    });
    await this.write(tx, command, lots, settled, decision);
    const decided = decidedOf(command, decision, at);
    await this.redemptions.insert(tx, decided);
    const transfers = transfersOf(settled, decision);
    await appendToOutbox(tx, EVENT_SOURCE, transfers.map(transferNews));
    return decided;
  }

  private async write(
    tx: Transaction,
    { programId, memberId }: RedemptionCommand,
    before: readonly Lot[],
    settled: Moved,
    decision: Decision<Redeemed, RedemptionRejection>,
  ): Promise<void> {
    const transfers = transfersOf(settled, decision);
    const [last] = transfers.slice(-1);
    if (!last) return;
    const months = transfers.map(({ effectiveAt }) => effectiveAt);
    if (!this.partitions.has(months)) throw new MonthsMissing(months);
    const spent: readonly Lot[] = decision.accepted ? decision.value.lots : [];
    const changed = new Map([...settled.lots, ...spent].map((lot) => [lot.lotId, lot]));
    const changedLots = [...changed.values()];
    await writePostings(tx, laneOf(memberKey(programId, memberId)), {
      wallets: [last.after],
      newLots: [],
      changedLots,
      redatedLots: redatedLots(before, changedLots),
      transfers,
    });
  }
}

const transfersOf = (settled: Moved, decision: Decision<Redeemed, RedemptionRejection>) =>
  decision.accepted ? [...settled.transfers, decision.value.transfer] : settled.transfers;

/** What was asked, without how it travelled. */
export function requestHash(command: RedemptionCommand): string {
  const { memberId, wallet, units, order, reason } = command;
  return canonicalHash({
    member_id: memberId,
    wallet,
    units,
    ...(order
      ? { order: { order_id: order.orderId, currency: order.currency, amount_minor: order.amountMinor } }
      : {}),
    ...(reason === undefined ? {} : { reason }),
  });
}

function termsOf(settings: ProgramSettings, code: string): RedemptionTerms | undefined {
  const wallet = settings.wallets.find((known) => known.wallet === code);
  if (!wallet) return undefined;
  const { minimum = 1, step = 1, max_share_bp } = wallet.redemption ?? {};
  const inactivity = inactivityOf([settings]).get(
    programWallet({ programId: settings.program_id, wallet: code }),
  );
  return { minimum, step, maxShareBp: max_share_bp, unitValue: wallet.unit_value, inactivity };
}

function decidedOf(
  command: RedemptionCommand,
  decision: Decision<Redeemed, RedemptionRejection>,
  at: Instant,
): DecidedRedemption {
  const { programId, redemptionId, memberId, wallet, units, order, reason, actor } = command;
  const asked = {
    programId,
    redemptionId,
    memberId,
    wallet,
    units,
    orderId: order?.orderId,
    reason,
    requestHash: requestHash(command),
    decidedAt: at,
    actor,
  };
  if (!decision.accepted) {
    const { rejection } = decision;
    return {
      ...asked,
      answer: { ...rejection },
      refusal: rejection.code,
      transferId: undefined,
      split: undefined,
    };
  }
  const { transfer, split, value } = decision.value;
  const { pending, available, held, debt } = transfer.after;
  return {
    ...asked,
    refusal: undefined,
    transferId: transfer.transferId,
    split,
    answer: {
      redemption_id: redemptionId,
      member_id: memberId,
      wallet,
      units: points(transfer.amount),
      ...(value ? { value } : {}),
      lots: split.map((part) => ({ award_id: part.lotId, units: part.units })),
      after: { pending, available, held, debt },
      redeemed_at: formatInstant(at),
    },
  };
}
