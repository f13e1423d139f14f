import { Injectable } from '@nestjs/common';
import { textArray, timestamptzArray, Database } from '@kizuna/database';
import type { Instant } from '@kizuna/kernel';
import type { WalletAddress } from '../domain/post-chunk.js';

interface AddressRow extends Record<string, unknown> {
  program_id: string;
  member_id: string;
  wallet: string;
}

const TO_RELEASE = `is_pending AND is_open AND release_at <=`;
const TO_EXPIRE = `is_open AND NOT is_pending AND expires_at < 'infinity' AND expires_at <=`;

/** What time has brought and nobody has posted yet. Each question is a few probes into the indexes of due lots. */
@Injectable()
export class DueLotsQuery {
  constructor(private readonly database: Database) {}

  /** Those of these programs that have something due. */
  async programs(
    presents: readonly { readonly programId: string; readonly now: Instant }[],
  ): Promise<string[]> {
    if (presents.length === 0) return [];
    const rows = await this.database.query<{ program_id: string }>(
      {
        name: 'due-programs',
        text: `SELECT n.program_id FROM unnest($1::text[], $2::timestamptz[]) AS n (program_id, now)
               WHERE EXISTS (SELECT FROM lot l WHERE l.program_id = n.program_id AND ${TO_RELEASE} n.now)
                  OR EXISTS (SELECT FROM lot l WHERE l.program_id = n.program_id AND ${TO_EXPIRE} n.now)
               ORDER BY n.program_id`,
      },
      [
        textArray(presents.map(({ programId }) => programId)),
        timestamptzArray(presents.map(({ now }) => now)),
      ],
    );
    return rows.map(({ program_id }) => program_id);
  }

  async isSettled(programId: string, now: Instant): Promise<boolean> {
    return (await this.programs([{ programId, now }])).length === 0;
  }

  /** Wallets of the lots that have been due for longest, at most as many as there are lots asked for. */
  async wallets(programId: string, now: Instant, lotLimit: number): Promise<WalletAddress[]> {
    const rows = await this.database.query<AddressRow>(
      {
        name: 'due-wallets',
        text: `SELECT DISTINCT program_id, member_id, wallet FROM (
                 (SELECT program_id, member_id, wallet FROM lot WHERE program_id = $1 AND ${TO_RELEASE} $2
                  ORDER BY release_at LIMIT $3)
                 UNION ALL
                 (SELECT program_id, member_id, wallet FROM lot WHERE program_id = $1 AND ${TO_EXPIRE} $2
                  ORDER BY expires_at LIMIT $3)
               ) AS due`,
      },
      [programId, new Date(now), lotLimit],
    );
    return rows.map(({ program_id, member_id, wallet }) => ({
      programId: program_id,
      memberId: member_id,
      wallet,
    }));
  }
}
