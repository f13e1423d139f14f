import { Injectable } from '@nestjs/common';
import type { ProgramSettings } from '@kizuna/contracts';
import { Database } from '@kizuna/database';
import { ProgramEntity } from './program.entity.js';

@Injectable()
export class ProgramsRepository {
  constructor(private readonly database: Database) {}

  async settingsOf(programId: string): Promise<ProgramSettings | undefined> {
    const program = await this.database.dataSource.getRepository(ProgramEntity).findOneBy({ programId });
    return program?.settings;
  }
}
