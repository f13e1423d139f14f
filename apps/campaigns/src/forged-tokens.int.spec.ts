import { createTopics, startRoom, TestKeySet, type TestRoom } from '@kizuna/testing';
import { migrations } from './migrations/index.js';
import { campaigns } from './campaigns.module.js';

describe('a token that the gateway did not sign for this room', () => {
  let keys: TestKeySet;
  let room: TestRoom;

  beforeAll(async () => {
    keys = await TestKeySet.start();
    const topics = await createTopics('gateway', 'campaigns', 'points-ledger');
    room = await startRoom(campaigns, { migrations, topics, environment: { JWKS_URL: keys.url } });
  });
  afterAll(async () => {
    await room.stop();
    await keys.stop();
  });

  it('S-06: opens nothing, whatever is wrong with it', async () => {
    const path = '/v1/rules';
    const good = await keys.authorization('shop', 'campaigns');
    expect((await room.get(path, good)).status).not.toBe(401);
    for (const [forgery, authorization] of await keys.forgeries('shop', 'campaigns'))
      expect([forgery, await room.get(path, authorization)]).toMatchObject([
        forgery,
        { status: 401, body: { code: 'unauthorized' } },
      ]);
  });
});
