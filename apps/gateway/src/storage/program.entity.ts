import type { ProgramSettings } from '@kizuna/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('program')
export class ProgramEntity {
  @PrimaryColumn({ name: 'program_id', type: 'text' })
  programId: string;

  /** The whole published document, revision included. */
  @Column({ type: 'jsonb' })
  settings: ProgramSettings;

  @Column({ type: 'integer' })
  revision: number;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
