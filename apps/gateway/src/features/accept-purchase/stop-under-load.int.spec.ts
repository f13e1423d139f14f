import { aPurchase } from '../../testing/fixtures.js';
import { startTestGateway } from '../../testing/test-gateway.js';

describe('stopping while purchases come in', () => {
  it('ends soon, and everything that was answered 202 is in the topic', async () => {
    const gateway = await startTestGateway();
    const { api_key: key, program_id: program } = await gateway.program();
    const accepted: string[] = [];
    let isOver = false;
    const clients = Array.from({ length: 8 }, async (_, client) => {
      for (let i = 0; !isOver; i += 1) {
        const body = aPurchase({ order_id: `${client}-${i}`, member_id: `m${i % 7}` });
        // Once the door is closed a call fails: it was promised nothing.
        const answer = await gateway.call(key, '/v1/purchases', { body }).catch(() => undefined);
        if (!answer) break;
        if (answer.status === 202) accepted.push(String(answer.body['event_id']));
      }
    });
    while (accepted.length < 200) await new Promise(setImmediate);

    const since = performance.now();
    await gateway.stop();
    expect(performance.now() - since).toBeLessThan(5_000);
    isOver = true;
    await Promise.all(clients);

    const published = new Set(
      (await gateway.published('purchase-events', program)).map(({ event }) => event.id),
    );
    expect(accepted.filter((id) => !published.has(id))).toEqual([]);
  });
});
