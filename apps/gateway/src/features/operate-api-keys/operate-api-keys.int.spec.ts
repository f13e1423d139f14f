import { OPERATOR_SECRET } from '@kizuna/testing';
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.js';

const OPERATOR = `Bearer ${OPERATOR_SECRET}`;

describe('keys in the hands of an operator', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it('are listed and revoked, with who did it', async () => {
    const { program_id, api_key, key_id } = await gateway.program();
    expect(await gateway.call(api_key, '/v1/program')).toMatchObject({ status: 200 });
    const path = `/internal/programs/${program_id}/keys`;
    expect(await gateway.room.get(path, OPERATOR)).toMatchObject({
      status: 200,
      body: { items: [{ key_id, state: 'active' }], next_cursor: null },
    });
    const revoked = await gateway.room.post(`${path}/${key_id}/revoke`, OPERATOR, { actor: 'mika' });
    expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked', revoked_by: 'operator:mika' } });
    expect(await gateway.call(api_key, '/v1/program')).toMatchObject({ status: 401 });
  });

  it('are nobody else’s', async () => {
    const { program_id, api_key, key_id } = await gateway.program();
    const other = await gateway.program();
    const path = `/internal/programs/${program_id}/keys`;
    expect(await gateway.room.get(path, `Bearer ${api_key}`)).toMatchObject({ status: 401 });
    expect(await gateway.call(api_key, path)).toMatchObject({ status: 404 });
    const foreign = `/internal/programs/${other.program_id}/keys/${key_id}/revoke`;
    expect(await gateway.room.post(foreign, OPERATOR, { actor: 'mika' })).toMatchObject({ status: 404 });
    expect(await gateway.call(api_key, '/v1/program')).toMatchObject({ status: 200 });
  });
});
