import { createRequire } from 'node:module';

interface RequestQueue {
  pending: readonly unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
}
interface RequestQueueClass {
  prototype: { scheduleCheckPendingRequests: (this: RequestQueue) => void };
}

/**
 * kafkajs 2.2.4 re-arms a timer with a negative delay even when nothing is pending: some thousand idle wake-ups a second
 * and a warning each on newer Node versions. A timer is needed only while requests wait.
 */
export function guardRequestQueueTimer(): void {
  const load = createRequire(import.meta.url);
  const { prototype } = load('kafkajs/src/network/requestQueue') as RequestQueueClass;
  const original = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function guarded() {
    if (this.pending.length > 0) original.call(this);
  };
}
