import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, isAlive, stopProcess, type ProcessIdentity } from '../stack/os-process.js';
import { writePrivate } from './secrets.js';

interface ServiceRecord {
  readonly process?: ProcessIdentity | undefined;
  readonly port?: number;
  readonly internalPort?: number | undefined;
}

/**
 * `services.json`: which processes run and on which ports, so that a run after a killed one finds them. By the name of the
 * instance.
 */
export class ServiceRecords {
  private readonly path: string;
  private records: Partial<Record<string, ServiceRecord>>;

  constructor(directory: string) {
    this.path = join(directory, 'services.json');
    this.records = existsSync(this.path)
      ? (JSON.parse(readFileSync(this.path, 'utf8')) as typeof this.records)
      : {};
  }

  get(name: string): ServiceRecord | undefined {
    return this.records[name];
  }

  set(name: string, change: ServiceRecord): void {
    this.records = { ...this.records, [name]: { ...this.records[name], ...change } };
    writePrivate(this.path, `${JSON.stringify(this.records, null, 2)}\n`);
  }

  /** Stops what a run left behind that could not stop it itself. Only processes that are provably ours. */
  async stopOrphans(report: (line: string) => void): Promise<void> {
    for (const [name, record] of Object.entries(this.records)) {
      const orphan = record?.process;
      if (!orphan || !isAlive(orphan)) continue;
      const room = name.replace(/-\d+$/, '');
      if (!commandLine(orphan.pid).some((part) => part.endsWith(join('apps', room, 'dist', 'main.js'))))
        continue;
      report(`stopping ${name} of an earlier run (process ${orphan.pid})`);
      await stopProcess(orphan, 'SIGTERM');
    }
  }
}
