import { Injectable } from '@nestjs/common';

const STUCK_MS = 30_000;

/** Why this process should be given no work, if there is a reason. */
@Injectable()
export class Readiness {
  private state: 'starting' | 'ready' | 'stopping' = 'starting';
  private stuckMs: () => number = () => 0;

  ready(stuckMs: () => number): void {
    this.state = 'ready';
    this.stuckMs = stuckMs;
  }

  stop(): void {
    this.state = 'stopping';
  }

  isStopping(): boolean {
    return this.state === 'stopping';
  }

  obstacle(): string | undefined {
    if (this.state !== 'ready') return this.state;
    const stuckMs = this.stuckMs();
    return stuckMs > STUCK_MS ? `no fetch from Kafka for ${Math.round(stuckMs / 1_000)} s` : undefined;
  }
}
