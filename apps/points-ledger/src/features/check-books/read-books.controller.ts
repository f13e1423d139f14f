import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { Open, OperatorGuard, pageOf, pageRequest, Problem } from '@kizuna/service';
import { BooksRepository, type RecordedDifference } from '../../storage/books.repository.js';

/** For the platform team: how far the check of the books has come, and where they disagree. */
@Controller('internal/books')
@Open()
@UseGuards(OperatorGuard)
export class ReadBooksController {
  constructor(private readonly books: BooksRepository) {}

  @Get()
  async read(
    @Query('state') state = 'open',
    @Query('limit') limit?: string,
    @Query('cursor') cursor?: string,
  ): Promise<object> {
    if (state !== 'open' && state !== 'healed')
      throw new Problem(400, 'invalid_request', { detail: 'state is open or healed' });
    const scope = `books ${state}`;
    const page = pageRequest(scope, 4, { limit, cursor });
    const [programId = '', memberId = '', wallet = '', law = ''] = page.after ?? [];
    const [progress, rows] = await Promise.all([
      this.books.progress(),
      this.books.differences(state, [programId, memberId, wallet, law], page.limit + 1),
    ]);
    return {
      last_run_at: progress.lastRunAt?.toISOString() ?? null,
      next_run_at: progress.nextRunAt.toISOString(),
      last_pass: progress.lastPassAt
        ? { at: progress.lastPassAt.toISOString(), wallets: progress.lastPassWallets }
        : null,
      pass: { started_at: progress.passStartedAt.toISOString(), wallets: progress.passWallets },
      ...pageOf(scope, rows, page.limit, { key: keyOf, item: differenceBody }),
    };
  }
}

const keyOf = ({ programId, memberId, wallet, law }: RecordedDifference): string[] => [
  programId,
  memberId ?? '',
  wallet,
  law,
];

const differenceBody = (difference: RecordedDifference): object => ({
  program_id: difference.programId,
  member_id: difference.memberId ?? null,
  wallet: difference.wallet,
  law: difference.law,
  expected: difference.expected,
  found: difference.found,
  found_at: difference.foundAt.toISOString(),
  seen_at: difference.seenAt.toISOString(),
  healed_at: difference.healedAt?.toISOString() ?? null,
});
