import type { MigrationClass } from '@kizuna/database';
import { Ledger1764000000001 } from './1764000000001-ledger.js';
import { Balances1764000000002 } from './1764000000002-balances.js';
import { LastActivity1764000000003 } from './1764000000003-last-activity.js';
import { Labels1764000000004 } from './1764000000004-labels.js';
import { Books1764000000005 } from './1764000000005-books.js';

/** In order; a migration that was released is never changed. */
export const migrations: readonly MigrationClass[] = [
  Ledger1764000000001,
  Balances1764000000002,
  LastActivity1764000000003,
  Labels1764000000004,
  Books1764000000005,
];
