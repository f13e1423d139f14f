import type { ProgramSettings } from '@kizuna/contracts';
import { EntitySchema } from 'typeorm';

export interface ProgramRow {
  programId: string;
  /** The whole published document, revision included. */
  settings: ProgramSettings;
  revision: number;
  createdAt: Date;
  updatedAt: Date;
}

export const ProgramEntity = new EntitySchema<ProgramRow>({
  name: 'program',
  columns: {
    programId: { name: 'program_id', type: 'text', primary: true },
    settings: { type: 'jsonb' },
    revision: { type: 'integer' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    updatedAt: { name: 'updated_at', type: 'timestamptz' },
  },
});
