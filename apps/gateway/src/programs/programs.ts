import { Injectable } from '@nestjs/common';
import type { ProgramSettings } from '@kizuna/contracts';
import { ProgramsRepository } from '../storage/programs.repository.js';
import { ExpiringMap } from '../caching/expiring-map.js';

const TTL_MS = 5_000;
const MAX_PROGRAMS = 5_000;

/** The settings of programs as this room knows them, at most five seconds old. */
@Injectable()
export class Programs {
  private readonly known = new ExpiringMap<ProgramSettings | undefined>(TTL_MS, MAX_PROGRAMS);

  constructor(private readonly repository: ProgramsRepository) {}

  settingsOf(programId: string): Promise<ProgramSettings | undefined> {
    return this.known.get(programId, () => this.repository.settingsOf(programId));
  }
}
