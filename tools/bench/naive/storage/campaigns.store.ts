import { DataSource } from 'typeorm';
import { AwardEntity, PurchaseEntity, type AwardRow, type PurchaseRow } from './campaigns.entities.js';

export class CampaignsStore {
  private constructor(private readonly dataSource: DataSource) {}

  static async connect(url: string): Promise<CampaignsStore> {
    const entities = [PurchaseEntity, AwardEntity];
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      entities,
      synchronize: true,
      installExtensions: false,
      poolSize: 10,
    });
    return new CampaignsStore(await dataSource.initialize());
  }

  /** @returns the award, or nothing when the order is known already */
  async record(purchase: PurchaseRow, award: AwardRow): Promise<AwardRow | undefined> {
    return this.dataSource.transaction(async (manager) => {
      const { programId, orderId } = purchase;
      if (await manager.existsBy(PurchaseEntity, { programId, orderId })) return undefined;
      await manager.getRepository(PurchaseEntity).save(purchase);
      return manager.getRepository(AwardEntity).save(award);
    });
  }
}
