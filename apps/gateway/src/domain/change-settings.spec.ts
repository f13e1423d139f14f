import { changeSettings } from './change-settings.js';

const current = {
  program_id: 'shop',
  revision: 4,
  mode: 'live',
  currency: 'JPY',
  name: 'Shop',
  clock_at: null,
  return_window_days: null,
  wallets: [{ wallet: 'points' }, { wallet: 'coins', usable_for: 'goods' }],
};
const nothingWrong = () => [];

describe('a change of settings', () => {
  it('replaces what it names, keeps the rest and raises the revision', () => {
    expect(changeSettings(current, { revision: 4, name: 'Store' }, nothingWrong)).toEqual({
      accepted: true,
      value: { ...current, name: 'Store', revision: 5 },
    });
  });

  it('may set a setting to null', () => {
    const windowed = { ...current, return_window_days: 14 };
    expect(changeSettings(windowed, { revision: 4, return_window_days: null }, nothingWrong)).toMatchObject({
      value: { return_window_days: null, revision: 5 },
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['nothing named', {}],
    [
      'all of it as it is',
      { ...current, wallets: [{ wallet: 'points' }, { usable_for: 'goods', wallet: 'coins' }] },
    ],
    ['null where nothing is set', { description: null }],
  ])('changes nothing: %s', (_, wanted) => {
    expect(changeSettings(current, { ...wanted, revision: 4 }, nothingWrong)).toEqual({
      accepted: true,
      value: current,
    });
  });

  it('may add a wallet and change one, in any order', () => {
    const wallets = [{ wallet: 'stamps' }, { wallet: 'coins' }, { wallet: 'points', usable_for: 'partner' }];
    expect(changeSettings(current, { revision: 4, wallets }, nothingWrong)).toMatchObject({
      value: { wallets },
    });
  });

  it.each([3, 5])('is refused on another revision: %d', (revision) => {
    expect(changeSettings(current, { revision, name: 'Store' }, nothingWrong)).toEqual({
      accepted: false,
      rejection: { code: 'revision_conflict', revision: 4 },
    });
  });

  it.each([
    ['program_id', 'other'],
    ['mode', 'test'],
    ['currency', 'EUR'],
    ['clock_at', '2027-01-01T00:00:00Z'],
  ])('never changes %s', (name, value) => {
    expect(changeSettings(current, { revision: 4, [name]: value }, nothingWrong)).toMatchObject({
      rejection: { code: 'setting_is_fixed', faults: [{ pointer: `/${name}` }] },
    });
  });

  it('removes no wallet', () => {
    const change = { revision: 4, wallets: [{ wallet: 'points' }] };
    expect(changeSettings(current, change, nothingWrong)).toEqual({
      accepted: false,
      rejection: { code: 'wallet_removed', faults: [{ pointer: '/wallets', detail: 'must keep coins' }] },
    });
  });

  it('is judged as a whole', () => {
    const faults = [{ pointer: '/name', detail: 'is too long' }];
    expect(changeSettings(current, { revision: 4, name: 'x', wallets: 7 }, () => faults)).toEqual({
      accepted: false,
      rejection: { code: 'invalid_settings', faults },
    });
  });
});
