import type { Database } from '@kizuna/database';
import { createKafkaClient, type Admin } from '@kizuna/messaging';
import type { LocalRun } from '../../local/start-local.js';
import type { Stack } from '../../stack/index.js';
import { readCpu, type CpuReading } from '../measure/processes.js';
import { lookInto } from './installation.js';

/** How far every stage has come since its databases and topics were made. */
export interface Stages {
  /** Purchases that the gateway put on the broker. */
  readonly takenIn: number;
  /** Purchases that campaigns has decided. */
  readonly decided: number;
  /** Awards that campaigns' relay has published. */
  readonly relayed: number;
  /** Awards that the ledger has posted. */
  readonly posted: number;
}

export interface StageReading extends Stages {
  readonly atMs: number;
  readonly cpu: CpuReading;
  /** Postings that the ledger's relay has published. */
  readonly told: number;
  readonly chunksDecided: number;
  readonly chunksPosted: number;
  readonly walBytes: number;
}

/** Reads the stages where they keep their own account: positions in the databases, ends of the topics. */
export class StageCounters {
  private constructor(
    private readonly run: LocalRun,
    private readonly admin: Admin,
    readonly campaigns: Database,
    readonly ledger: Database,
  ) {}

  static async open(run: LocalRun, stack: Stack): Promise<StageCounters> {
    const { brokers } = run;
    const client = createKafkaClient({ brokers, clientId: 'kizuna-bench', log: () => undefined });
    const [campaigns, ledger] = await Promise.all([
      lookInto(stack, 'campaigns'),
      lookInto(stack, 'points-ledger'),
    ]);
    return new StageCounters(run, client.admin(), campaigns, ledger);
  }

  async read(): Promise<StageReading> {
    const [stages, told, chunksDecided, chunksPosted, walBytes] = await Promise.all([
      this.stages(),
      this.endOf('points-events'),
      outboxRows(this.campaigns),
      outboxRows(this.ledger),
      walPosition(this.ledger),
    ]);
    return {
      atMs: performance.now(),
      cpu: readCpu(),
      ...stages,
      told,
      chunksDecided,
      chunksPosted,
      walBytes,
    };
  }

  /** Asked from the end to the beginning, so that no stage seems to be ahead of the one before it. */
  async stages(): Promise<Stages> {
    const posted = await this.posted();
    const relayed = await this.endOf('award-events');
    const decided = await positionOf(this.campaigns, 'purchase-events');
    const takenIn = await this.endOf('purchase-events');
    return { takenIn, decided, relayed, posted };
  }

  /** Cheap: it is asked all the time. */
  posted(): Promise<number> {
    return positionOf(this.ledger, 'award-events');
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.admin.stop(), this.campaigns.close(), this.ledger.close()]);
  }

  private async endOf(topic: string): Promise<number> {
    const marks = await this.admin.watermarks(this.run.topicName(topic));
    return marks.reduce((sum, { high }) => sum + high, 0);
  }
}

async function positionOf(database: Database, topic: string): Promise<number> {
  const [row] = await database.query<{ done: string }>(
    {
      name: 'bench-position',
      text: 'SELECT coalesce(sum(next_offset), 0) AS done FROM lane_position WHERE topic = $1',
    },
    [topic],
  );
  return Number(row?.done ?? 0);
}

/** One row for each chunk that had something to publish. */
async function outboxRows(database: Database): Promise<number> {
  const [row] = await database.query<{ rows: string }>('SELECT last_value AS rows FROM outbox_id');
  return Number(row?.rows ?? 0);
}

async function walPosition(database: Database): Promise<number> {
  const [row] = await database.query<{ bytes: string }>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS bytes`,
  );
  return Number(row?.bytes ?? 0);
}
