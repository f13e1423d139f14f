import type { MigrationClass } from '@kizuna/database';
import { Orders1764000000001 } from './1764000000001-orders.js';
import { Earning1764000000002 } from './1764000000002-earning.js';
import { Rules1764000000003 } from './1764000000003-rules.js';

/** In order; a migration that was released is never changed. */
export const migrations: readonly MigrationClass[] = [
  Orders1764000000001,
  Earning1764000000002,
  Rules1764000000003,
];
