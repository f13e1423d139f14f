import { createTopics, eventually, realParts, type TestTopics } from '@kizuna/testing';
import type { LocalRun, Progress } from '../local/start-local.js';
import { settle } from './settle.js';

const PATIENCE_SECONDS = 0.3;
const DONE: Progress = { positions: [], relay: [] };

describe('waiting until everything has its effects', () => {
  let topics: TestTopics;

  beforeAll(async () => {
    topics = await createTopics('gateway', 'campaigns');
    // The brokers agree on the leaders of new topics a moment after they know them.
    for (const topic of ['purchase-events', 'award-events']) await eventually(() => topics.read(topic));
  });

  /** What `settle` asks of a run, with real topics. */
  const run = (progress: LocalRun['progress']): LocalRun => ({
    urls: { gateway: '', campaigns: '', 'points-ledger': '' },
    gatewayUrls: [],
    internalUrls: { gateway: '', campaigns: '', 'points-ledger': '' },
    root: '',
    gatewayDatabaseUrl: '',
    brokers: realParts().brokers,
    topicName: topics.name,
    progress,
    instances: () => [],
    signal: () => false,
    kill: () => false,
    restarts: () => 0,
    ready: async () => undefined,
    stop: async () => undefined,
  });
  const settled = (progress: LocalRun['progress']): Promise<void> =>
    settle(run(progress), () => undefined, PATIENCE_SECONDS);

  it('ends when nothing is left', async () => {
    await expect(settled(async () => DONE)).resolves.toBeUndefined();
  });

  it('names the stage that does not answer', async () => {
    const silent = settled(async () => {
      throw new Error('connection refused');
    });
    await expect(silent).rejects.toThrow('campaigns decides: no progress for 0.3 s, no answer');
  });

  it('names the stage that stands still, and what is left of it', async () => {
    const relay = [
      { lane: 0, cursor: 4, last_outbox_id: 4 },
      { lane: 1, cursor: 4, last_outbox_id: 5 },
    ];
    const stuck = settled(async (room) => (room === 'campaigns' ? { ...DONE, relay } : DONE));
    await expect(stuck).rejects.toThrow('campaigns publishes: no progress for 0.3 s, 1 left');
  });

  it('counts what lies behind a position', async () => {
    await topics.produce('purchase-events', [
      { key: 'a', value: 'one' },
      { key: 'a', value: 'two' },
    ]);
    await expect(settled(async () => DONE)).rejects.toThrow(
      'campaigns decides: no progress for 0.3 s, 2 left',
    );
  });
});
