import { Injectable } from '@nestjs/common';

const STALE_FETCH_MS = 30_000;

/** Why this process should be given no work, if there is a reason. */
@Injectable()
export class Readiness {
  private state: 'starting' | 'ready' | 'stopping' = 'starting';
  private sinceLastFetchMs: () => number = () => 0;

  ready(sinceLastFetchMs: () => number): void {
    this.state = 'ready';
    this.sinceLastFetchMs = sinceLastFetchMs;
  }

  stop(): void {
    this.state = 'stopping';
  }

  isStopping(): boolean {
    return this.state === 'stopping';
  }

  obstacle(): string | undefined {
    if (this.state !== 'ready') return this.state;
    const idleMs = this.sinceLastFetchMs();
    return idleMs > STALE_FETCH_MS ? `no fetch from Kafka for ${Math.round(idleMs / 1_000)} s` : undefined;
  }
}
