import { instant } from '@kizuna/kernel';
import { decideNewKey } from './new-key.js';

const now = instant('2026-03-01T12:00:00Z');
const held = new Set(['keys:write', 'events:write']);
const later = instant('2026-03-01T12:00:00.001Z');

describe('a new key', () => {
  it.each([
    ['less than the asking one may do', { scopes: ['events:write'], expiresAt: undefined }],
    ['all of it, for a while', { scopes: ['events:write', 'keys:write'], expiresAt: later }],
  ])('may do %s', (_, key) => {
    expect(decideNewKey(key, { held, now })).toEqual({ accepted: true, value: key });
  });

  it('may do no more', () => {
    const scopes = ['events:write', 'rules:write', 'settings:write'];
    expect(decideNewKey({ scopes, expiresAt: undefined }, { held, now })).toEqual({
      accepted: false,
      rejection: { code: 'scopes_not_held', scopes: ['rules:write', 'settings:write'] },
    });
  });

  it('does not end before it begins', () => {
    expect(decideNewKey({ scopes: ['events:write'], expiresAt: now }, { held, now })).toEqual({
      accepted: false,
      rejection: { code: 'expires_in_past' },
    });
  });
});
