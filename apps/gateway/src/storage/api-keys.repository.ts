import { Injectable } from '@nestjs/common';
import { Database } from '@kizuna/database';
import { IsNull, Raw } from 'typeorm';
import { ApiKeyEntity, type ApiKeyRow } from './api-key.entity.js';

@Injectable()
export class ApiKeysRepository {
  constructor(private readonly database: Database) {}

  /** Neither revoked nor expired, by the database's clock. */
  async validByHash(secretHash: Buffer): Promise<ApiKeyRow | null> {
    return this.database.dataSource.getRepository(ApiKeyEntity).findOneBy({
      secretHash,
      revokedAt: IsNull(),
      expiresAt: Raw((column) => `(${column} IS NULL OR ${column} > now())`),
    });
  }
}
