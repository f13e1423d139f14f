import { instant } from '@kizuna/kernel';
import { changeSettings } from './change-settings.js';

const current = {
  program_id: 'shop',
  revision: 4,
  mode: 'live',
  currency: 'JPY',
  starts_at: '2027-04-10T00:10:00Z',
  name: 'Shop',
  clock_at: null,
  return_window_days: null,
  wallets: [{ wallet: 'points' }, { wallet: 'coins', usable_for: 'goods' }],
};
const now = instant('2027-04-10T00:00:00Z');
const judged = { faultsOf: () => [], now };

describe('a change of settings', () => {
  it('replaces what it names, keeps the rest and raises the revision', () => {
    expect(changeSettings(current, { revision: 4, name: 'Store' }, judged)).toEqual({
      accepted: true,
      value: { ...current, name: 'Store', revision: 5 },
    });
  });

  it('may set a setting to null', () => {
    const windowed = { ...current, return_window_days: 14 };
    expect(changeSettings(windowed, { revision: 4, return_window_days: null }, judged)).toMatchObject({
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
    expect(changeSettings(current, { ...wanted, revision: 4 }, judged)).toEqual({
      accepted: true,
      value: current,
    });
  });

  it('may add a wallet and change one, in any order', () => {
    const wallets = [{ wallet: 'stamps' }, { wallet: 'coins' }, { wallet: 'points', usable_for: 'partner' }];
    expect(changeSettings(current, { revision: 4, wallets }, judged)).toMatchObject({
      value: { wallets },
    });
  });

  it.each([3, 5])('is refused on another revision: %d', (revision) => {
    expect(changeSettings(current, { revision, name: 'Store' }, judged)).toEqual({
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
    expect(changeSettings(current, { revision: 4, [name]: value }, judged)).toMatchObject({
      rejection: { code: 'setting_is_fixed', faults: [{ pointer: `/${name}` }] },
    });
  });

  it('removes no wallet', () => {
    const change = { revision: 4, wallets: [{ wallet: 'points' }] };
    expect(changeSettings(current, change, judged)).toEqual({
      accepted: false,
      rejection: { code: 'wallet_removed', faults: [{ pointer: '/wallets', detail: 'must keep coins' }] },
    });
  });

  it('moves its start only before the first event could be taken in', () => {
    const change = { revision: 4, starts_at: '2028-01-01T00:00:00Z' };
    expect(changeSettings(current, change, judged)).toMatchObject({
      rejection: { code: 'setting_is_fixed', faults: [{ pointer: '/starts_at' }] },
    });
    const before = { ...judged, now: instant('2027-04-09T23:59:59.999Z') };
    expect(changeSettings(current, change, before)).toMatchObject({
      value: { starts_at: change.starts_at, revision: 5 },
    });
    const same = { revision: 4, starts_at: current.starts_at, name: 'Store' };
    expect(changeSettings(current, same, judged)).toMatchObject({ value: { revision: 5 } });
  });

  const tooLong = { pointer: '/name', detail: 'is too long' };

  it('is judged as a whole', () => {
    const faultsOf = ({ name }: { readonly name?: unknown }) => (name === 'x' ? [tooLong] : []);
    expect(changeSettings(current, { revision: 4, name: 'x', wallets: 7 }, { faultsOf, now })).toEqual({
      accepted: false,
      rejection: { code: 'invalid_settings', faults: [tooLong] },
    });
  });

  it('is not refused for what was wrong before', () => {
    const wrong = { faultsOf: () => [tooLong], now };
    expect(changeSettings(current, { revision: 4, rounding: 'ceil' }, wrong)).toMatchObject({
      value: { revision: 5 },
    });
  });
});
