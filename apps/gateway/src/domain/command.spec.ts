import { decideRepetition, isDecided, readKey, type KnownCommand } from './command.js';

const asked = { route: 'POST /v1/redemptions', bodyHash: 'a' };
const known = (fields: Partial<KnownCommand>): KnownCommand => ({
  ...asked,
  state: 'running',
  isAbandoned: false,
  ...fields,
});

describe('an Idempotency-Key', () => {
  it.each<[string, string]>([
    ['a UUID', '01982f4e-6f3a-8a51-9d5e-0c8f7a1b2c3d'],
    ['one character', 'x'],
    ['quoted, as the draft has it', '"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    ['200 characters', 'k'.repeat(200)],
  ])('is read: %s', (_, key) => {
    expect(readKey(key, 'required')).toEqual({ accepted: true, value: key });
  });

  it('may be missing where it is only accepted', () => {
    expect(readKey(undefined, 'accepted')).toEqual({ accepted: true, value: undefined });
    expect(readKey(undefined, 'required')).toMatchObject({ rejection: { code: 'idempotency_key_required' } });
  });

  it.each<[string, string | string[]]>([
    ['empty', ''],
    ['201 characters', 'k'.repeat(201)],
    ['10 KB', 'k'.repeat(10_240)],
    ['two of them', 'a, b'],
    ['a list', ['a', 'b']],
    ['beyond ASCII', '絆'],
  ])('is refused: %s', (_, key) => {
    expect(readKey(key, 'accepted')).toMatchObject({ rejection: { code: 'invalid_idempotency_key' } });
  });
});

describe('a command whose key is known', () => {
  it.each<[string, KnownCommand, string]>([
    ['is answered as before', known({ state: 'answered' }), 'replay'],
    ['goes on where an attempt decided nothing', known({ state: 'open' }), 'take_over'],
    ['goes on when whoever ran it is gone', known({ isAbandoned: true }), 'take_over'],
  ])('%s', (_, command, value) => {
    expect(decideRepetition(command, asked)).toEqual({ accepted: true, value });
  });

  it.each<[string, KnownCommand, string]>([
    ['still runs', known({}), 'command_in_flight'],
    ['stood for another body', known({ state: 'answered', bodyHash: 'b' }), 'idempotency_key_reused'],
    ['stood for another path', known({ state: 'open', route: 'POST /v1/rules' }), 'idempotency_key_reused'],
    ['stands for another body that runs', known({ bodyHash: 'b' }), 'idempotency_key_reused'],
  ])('is refused when it %s', (_, command, code) => {
    expect(decideRepetition(command, asked)).toEqual({ accepted: false, rejection: { code } });
  });

  it.each([200, 201, 204, 400, 404, 409, 422])('keeps a decision: %d', (status) => {
    expect(isDecided(status)).toBe(true);
  });

  it.each([401, 403, 408, 429, 500, 503, 504])('keeps no obstacle: %d', (status) => {
    expect(isDecided(status)).toBe(false);
  });
});
