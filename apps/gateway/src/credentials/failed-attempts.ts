import { networkOf } from '../domain/network.js';

const WINDOW_MS = 60_000;
const ALLOWED = 30;
const MAX_NETWORKS = 10_000;

/**
 * Failed authentications by network, in windows of a minute. In memory of the process: with two instances a guesser has
 * twice as many tries, which does not matter against 256 random bits; what is limited is the work that guessing makes.
 */
export class FailedAttempts {
  private readonly windows = new Map<string, { count: number; readonly until: number }>();

  note(address: string): void {
    const network = networkOf(address);
    const now = performance.now();
    const window = this.windows.get(network);
    if (window && window.until > now) {
      window.count += 1;
      return;
    }
    this.windows.delete(network);
    for (const oldest of this.windows.keys()) {
      if (this.windows.size < MAX_NETWORKS) break;
      this.windows.delete(oldest);
    }
    this.windows.set(network, { count: 1, until: now + WINDOW_MS });
  }

  /** @returns how long an address must wait; undefined when it need not */
  waitOf(address: string): number | undefined {
    const window = this.windows.get(networkOf(address));
    const waitMs = (window?.until ?? 0) - performance.now();
    return window && window.count >= ALLOWED && waitMs > 0 ? waitMs : undefined;
  }
}
