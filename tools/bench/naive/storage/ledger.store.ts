import type { AwardGranted } from '@kizuna/contracts';
import { DataSource, type EntityManager } from 'typeorm';
import { LotEntity, TransferEntity, WalletEntity, type WalletRow } from './ledger.entities.js';

export class LedgerStore {
  private constructor(private readonly dataSource: DataSource) {}

  static async connect(url: string): Promise<LedgerStore> {
    const entities = [WalletEntity, LotEntity, TransferEntity];
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      entities,
      synchronize: true,
      installExtensions: false,
      poolSize: 10,
    });
    return new LedgerStore(await dataSource.initialize());
  }

  /** Adds an award to its wallet; one that is posted already has no effect. */
  async post(award: AwardGranted, causeEventId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const {
        award_id: id,
        program_id: programId,
        member_id: memberId,
        wallet,
        business_ref,
        amount,
      } = award;
      if (await manager.existsBy(TransferEntity, { transferId: id })) return;
      const moved = await manager
        .getRepository(WalletEntity)
        .save(added(await this.lock(manager, award), amount));
      const address = { programId, memberId, wallet, businessRef: business_ref, amount: String(amount) };
      await manager.getRepository(LotEntity).save({
        ...address,
        lotId: id,
        remaining: String(amount),
        occurredAt: new Date(award.occurred_at),
        expiresAt: award.expires_at === null ? null : new Date(award.expires_at),
        origin: award.origin,
        funding: award.funding,
      });
      await manager.getRepository(TransferEntity).save({
        ...address,
        transferId: id,
        seq: moved.seq,
        kind: 'award',
        debit: 'issued',
        credit: 'available',
        available: moved.available,
        causeEventId,
        effectiveAt: new Date(award.occurred_at),
      });
    });
  }

  private async lock(manager: EntityManager, award: AwardGranted): Promise<WalletRow> {
    const { program_id: programId, member_id: memberId, wallet } = award;
    const found = await manager.getRepository(WalletEntity).findOne({
      where: { programId, memberId, wallet },
      lock: { mode: 'pessimistic_write' },
    });
    return found ?? { programId, memberId, wallet, available: '0', awardedTotal: '0', seq: '0' };
  }
}

function added(wallet: WalletRow, amount: number): WalletRow {
  return {
    ...wallet,
    available: String(Number(wallet.available) + amount),
    awardedTotal: String(Number(wallet.awardedTotal) + amount),
    seq: String(Number(wallet.seq) + 1),
  };
}
