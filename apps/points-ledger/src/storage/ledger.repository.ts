import { Injectable } from '@nestjs/common';
import type { ProgramSettings } from '@kizuna/contracts';
import { uuidArray, type Transaction } from '@kizuna/database';
import {
  needsLots,
  walletName,
  type LedgerState,
  type Posting,
  type WalletAddress,
} from '../domain/post-chunk.js';
import type { Lot, Wallet } from '../domain/wallet.js';
import { inactivityOf, ProgramsRepository, WITH_INACTIVITY } from './programs.repository.js';
import { addressColumns, lotOf, walletOf, WALLET_COLUMNS, type LotRow, type WalletRow } from './rows.js';

/**
 * Reads and locks what is to be moved. One lock order everywhere: position, then wallets by key. Whoever holds a wallet's
 * row may read and change its lots, with a statement after the lock, whose snapshot has what was committed before it.
 */
@Injectable()
export class LedgerRepository {
  constructor(private readonly programs: ProgramsRepository) {}

  async lock(tx: Transaction, postings: readonly Posting[]): Promise<LedgerState> {
    const wallets = await this.lockWallets(tx, postings);
    const { posted, inactivity } = await this.whatIsKnown(tx, postings);
    // Almost always nobody is in debt and nothing is taken back: that is found without a look at each posting's wallet.
    const isPlain =
      inactivity.size === 0 &&
      postings.every(({ kind }) => kind === 'award') &&
      ![...wallets.values()].some(({ debt }) => debt > 0);
    if (isPlain) return { wallets, posted, inactivity, lots: new Map(), now: new Map() };
    const touching = postings.filter((posting) =>
      needsLots(posting, wallets.get(walletName(posting)), inactivity),
    );
    const awardIds = touching.flatMap((posting) =>
      posting.kind === 'clawback' ? [{ ...posting, awardId: posting.clawback.awardId }] : [],
    );
    const lots = await this.lots(tx, distinct(touching), awardIds);
    return { wallets, posted, lots, ...(await this.programs.presents(tx, programsOf(touching))) };
  }

  /** Waits for whoever moves one of them now. Wallets that were never moved are not among the answers. */
  async lockWallets(tx: Transaction, addresses: readonly WalletAddress[]): Promise<Map<string, Wallet>> {
    const rows = await tx.query<WalletRow>(
      {
        name: 'lock-wallets',
        text: `SELECT ${WALLET_COLUMNS}
               FROM wallet w
               WHERE (w.program_id, w.member_id, w.wallet) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))
               ORDER BY w.program_id, w.member_id, w.wallet FOR UPDATE`,
      },
      addressColumns(distinct(addresses)),
    );
    return byName(rows.map(walletOf));
  }

  /** Those that nobody else moves now; the others are somebody else's to settle. */
  async lockFreeWallets(tx: Transaction, addresses: readonly WalletAddress[]): Promise<Map<string, Wallet>> {
    const rows = await tx.query<WalletRow>(
      {
        name: 'lock-free-wallets',
        text: `SELECT ${WALLET_COLUMNS}
               FROM wallet w
               WHERE (w.program_id, w.member_id, w.wallet) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))
               ORDER BY w.program_id, w.member_id, w.wallet FOR UPDATE SKIP LOCKED`,
      },
      addressColumns(distinct(addresses)),
    );
    return byName(rows.map(walletOf));
  }

  /** The open lots of locked wallets, and of the exhausted ones those that are named. */
  async lots(
    tx: Transaction,
    wallets: readonly WalletAddress[],
    named: readonly (WalletAddress & { readonly awardId: string })[] = [],
  ): Promise<Map<string, Lot[]>> {
    const rows = await tx.query<LotRow>(
      {
        name: 'lots-of-wallets',
        text: `SELECT l.* FROM unnest($1::text[], $2::text[], $3::text[]) AS n (program_id, member_id, wallet)
               JOIN lot l USING (program_id, member_id, wallet)
               WHERE l.is_open
               UNION ALL
               SELECT l.* FROM unnest($4::text[], $5::text[], $6::text[], $7::uuid[])
                 AS n (program_id, member_id, wallet, lot_id)
               JOIN lot l USING (program_id, member_id, wallet, lot_id)
               WHERE NOT l.is_open`,
      },
      [...addressColumns(wallets), ...addressColumns(named), uuidArray(named.map(({ awardId }) => awardId))],
    );
    return Map.groupBy(rows.map(lotOf), walletName);
  }

  /**
   * Which awards were posted before: one index probe each, into the one partition that its time names. And, with the same
   * question, where activity moves the dates of lots: most programs have no such wallet, and pay no statement to say so.
   */
  private async whatIsKnown(
    tx: Transaction,
    postings: readonly Posting[],
  ): Promise<Pick<LedgerState, 'posted' | 'inactivity'>> {
    const ids = postings.flatMap((posting) => (posting.kind === 'award' ? [posting.award.awardId] : []));
    if (ids.length === 0) return { posted: new Set(), inactivity: new Map() };
    const rows = await tx.query<KnownRow>(
      {
        name: 'what-is-known',
        text: `SELECT t.transfer_id, NULL::jsonb AS settings FROM unnest($1::uuid[]) AS n (id)
               CROSS JOIN LATERAL (SELECT transfer_id FROM transfer WHERE transfer_id = n.id LIMIT 1) t
               UNION ALL
               SELECT NULL, p.settings FROM program p WHERE p.program_id = ANY($2) AND ${WITH_INACTIVITY}`,
      },
      [uuidArray(ids), programsOf(postings)],
    );
    return {
      posted: new Set(rows.flatMap(({ transfer_id }) => transfer_id ?? [])),
      inactivity: inactivityOf(rows.flatMap(({ settings }) => settings ?? [])),
    };
  }
}

interface KnownRow extends Record<string, unknown> {
  transfer_id: string | null;
  settings: ProgramSettings | null;
}

const programsOf = (postings: readonly Posting[]): string[] => [
  ...new Set(postings.map(({ programId }) => programId)),
];

const distinct = <Address extends WalletAddress>(addresses: readonly Address[]): Address[] => [
  ...new Map(addresses.map((address) => [walletName(address), address])).values(),
];

const byName = (wallets: readonly Wallet[]): Map<string, Wallet> =>
  new Map(wallets.map((wallet) => [walletName(wallet), wallet]));
