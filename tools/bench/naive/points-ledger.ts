import { awardGranted } from '@kizuna/contracts';
import { consumeEach, environment, naiveClient } from './consume-each.js';
import { LedgerStore } from './storage/ledger.store.js';
import { NAIVE_TOPICS } from './topics.js';

/** Award in, one transaction over wallet, lot and transfer: a handler as most would write it. */
const client = naiveClient('naive-points-ledger');
const store = await LedgerStore.connect(environment('DATABASE_URL'));

await consumeEach(client, {
  topic: NAIVE_TOPICS.awards,
  group: 'naive-points-ledger',
  handle: async (event) => {
    const checked = awardGranted.check(event.data);
    if (!checked.valid) throw new Error(`${event.id} is not valid`);
    await store.post(checked.value, event.id);
  },
});
