import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceEnd } from '../local/service-process.js';
import { instanceName } from '../local/rooms.js';
import type { LocalInstance, LocalRun } from '../local/start-local.js';
import type { ServerControl } from '../stack/context.js';
import { Chance } from './chance.js';
import { FAULT_WEIGHTS, type Fault, type FaultKind } from './fault.js';

const GRACEFUL_WITHIN_MS = 25_000;
/** What a room says that was started while the database or the broker was away. */
const EXIT_TRY_LATER = 75;

type Instance = ReturnType<LocalRun['instances']>[number];

interface FaultParts {
  readonly local: LocalRun;
  readonly broker: ServerControl;
  readonly seed: number;
  /** Ends some of the services' sessions at the database. @returns how many */
  endBackends(chance: Chance): Promise<number>;
  report(line: string): void;
}

/** Strikes, and undoes what it did. One fault at a time per target; different targets may be hit together. */
export class Faults {
  readonly struck: Fault[] = [];
  /** Graceful stops that did not end with exit code 0 in time, a sentence each. */
  readonly ungraceful: string[] = [];
  /** Ends that nobody asked for, a sentence each. */
  readonly unexpected: string[] = [];
  gracefulStops = 0;
  /** Ends at once because something was away, which was a fault of ours. */
  startedInVain = 0;

  private turns = 0;

  private readonly busy = new Set<string>();
  private readonly signalled = new Set<number>();
  private readonly ends = new Map<number, (end: ServiceEnd) => void>();
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly parts: FaultParts) {}

  /** Starts one fault; undefined where everything that could be hit is hit already. */
  async strike(): Promise<{ readonly fault: Fault; readonly healed: Promise<void> } | undefined> {
    const { seed, report } = this.parts;
    this.turns += 1;
    // Of its own per turn: what was busy in one turn must not shift what all later ones do.
    const chance = new Chance(seed, `fault ${this.turns}`);
    const kind = chance.weighted(FAULT_WEIGHTS);
    const target = await this.targetOf(kind, chance);
    if (target === undefined) return undefined;
    const name = typeof target === 'string' ? target : instanceName(target.room, target.instance);
    const fault: Fault = { number: this.struck.length + 1, kind, target: name, startedAt: Date.now() };
    this.struck.push(fault);
    report(`fault ${fault.number}: ${kind.replaceAll('_', ' ')} (${name})`);
    this.busy.add(name);
    const healed = this.inflict(kind, target, chance).finally(() => {
      fault.healedAt = Date.now();
      this.busy.delete(name);
    });
    this.underWay.add(healed);
    void healed.then(
      () => this.underWay.delete(healed),
      () => undefined, // told by allHealed
    );
    return { fault, healed };
  }

  /** @throws what kept a fault from being undone */
  async allHealed(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** At an early end: nothing may stay frozen, or it could not be stopped. */
  thaw(): void {
    for (const { room, instance } of this.parts.local.instances())
      this.parts.local.signal(room, instance, 'SIGCONT');
    this.parts.broker.signal('SIGCONT');
  }

  onEnd({ room, instance }: LocalInstance, end: ServiceEnd): void {
    const pid = end.pid ?? 0;
    this.ends.get(pid)?.(end);
    if (this.signalled.has(pid)) return;
    if (end.code === EXIT_TRY_LATER) this.startedInVain += 1;
    else
      this.unexpected.push(`${instanceName(room, instance)} ended with ${end.signal ?? `exit ${end.code}`}`);
  }

  private async targetOf(kind: FaultKind, chance: Chance): Promise<Instance | string | undefined> {
    if (kind === 'backends_ended') return this.busy.has('database') ? undefined : 'database';
    if (kind === 'broker_killed' || kind === 'broker_frozen')
      return this.busy.has('broker') ? undefined : 'broker';
    const free = this.parts.local
      .instances()
      .filter(({ room, instance }) => !this.busy.has(instanceName(room, instance)));
    if (free.length === 0) return undefined;
    const instance = chance.pick(free);
    // A process that is still starting has no graceful end yet.
    if (kind === 'service_stopped' && !(await isReady(instance.url))) return undefined;
    return instance;
  }

  private async inflict(kind: FaultKind, target: Instance | string, chance: Chance): Promise<void> {
    const { broker, endBackends, report } = this.parts;
    if (typeof target === 'string') {
      if (kind === 'backends_ended') report(`${await endBackends(chance)} database sessions ended`);
      else if (kind === 'broker_killed') {
        broker.signal('SIGKILL');
        await sleep(chance.whole(0, 2_000));
        await broker.restart();
      } else {
        broker.signal('SIGSTOP');
        await sleep(chance.whole(1_000, 8_000));
        broker.signal('SIGCONT');
      }
      return;
    }
    if (kind === 'service_frozen') {
      this.signal(target, 'SIGSTOP');
      await sleep(chance.whole(1_000, 15_000));
      this.signal(target, 'SIGCONT');
    } else if (kind === 'service_stopped') await this.stopGracefully(target);
    else {
      this.expectEnd(target);
      this.signal(target, 'SIGKILL');
    }
  }

  private async stopGracefully(target: Instance): Promise<void> {
    const { pid, room, instance } = target;
    if (pid === undefined) return;
    const name = instanceName(room, instance);
    const startedAt = Date.now();
    this.expectEnd(target);
    const ended = new Promise<ServiceEnd>((resolve) => this.ends.set(pid, resolve));
    // It may have ended by itself just before: nothing was stopped then.
    if (!this.signal(target, 'SIGTERM')) return;
    const end = await Promise.race([ended, sleep(GRACEFUL_WITHIN_MS + 1_000)]);
    this.gracefulStops += 1;
    const took = `after ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
    if (!end) {
      this.ungraceful.push(`${name} did not end within ${GRACEFUL_WITHIN_MS / 1_000} s of SIGTERM`);
      this.signal(target, 'SIGKILL');
    } else if (end.code !== 0)
      this.ungraceful.push(`${name} ended with ${end.signal ?? `exit ${end.code}`} ${took} of SIGTERM`);
  }

  private expectEnd({ pid }: Instance): void {
    if (pid !== undefined) this.signalled.add(pid);
  }

  private signal({ room, instance }: Instance, name: NodeJS.Signals): boolean {
    return this.parts.local.signal(room, instance, name);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
