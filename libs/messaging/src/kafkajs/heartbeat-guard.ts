import { createRequire } from 'node:module';

interface ConsumerGroup {
  lastRequest: number;
}
interface ConsumerGroupClass {
  prototype: { heartbeat: (this: ConsumerGroup, options: { interval: number }) => Promise<void> };
}

/**
 * kafkajs 2.2.4 counts the interval between heartbeats by the wall clock: when that is set back by ten minutes, it sends
 * none for ten minutes, and the broker puts the member out, which goes on without knowing. A heartbeat of the future is none.
 */
export function guardHeartbeatClock(): void {
  const load = createRequire(import.meta.url);
  const { prototype } = load('kafkajs/src/consumer/consumerGroup') as ConsumerGroupClass;
  const original = prototype.heartbeat;
  prototype.heartbeat = function guarded(options) {
    if (this.lastRequest > Date.now()) this.lastRequest = 0;
    return original.call(this, options);
  };
}
