import type { MigrationClass } from '@kizuna/database';
import { Programs1764000000001 } from './1764000000001-programs.js';

/** In order; a migration that was released is never changed. */
export const migrations: readonly MigrationClass[] = [Programs1764000000001];
