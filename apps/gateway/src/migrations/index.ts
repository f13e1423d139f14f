import type { MigrationClass } from '@kizuna/database';
import { Programs1764000000001 } from './1764000000001-programs.js';
import { SettingsAndCommands1764000000002 } from './1764000000002-settings-and-commands.js';

/** In order; a migration that was released is never changed. */
export const migrations: readonly MigrationClass[] = [
  Programs1764000000001,
  SettingsAndCommands1764000000002,
];
