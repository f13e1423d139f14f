import { faultsOfSettings } from './faults-of-settings.js';

const settings = {
  program_id: 'shop',
  revision: 1,
  name: 'Shop',
  mode: 'live',
  time_zone: 'Asia/Tokyo',
  currency: 'JPY',
  wallets: [{ wallet: 'points' }],
  rounding: 'floor',
  earn_net_of_tax: true,
  late_window_days: 30,
  max_award: 1_000_000,
};
const aWallet = (fields: object) => ({ ...settings, wallets: [{ wallet: 'points', ...fields }] });
const unit_value = { currency: 'JPY', minor: 1, units: 1 };
const redemption = { minimum: 100, step: 100, max_share_bp: 5_000 };

describe('settings', () => {
  it.each<[string, Record<string, unknown>]>([
    ['the least', settings],
    [
      'everything',
      {
        ...aWallet({
          unit_value,
          redemption,
          usable_for: 'own_discount',
          issued_for: 'free',
          expiry: { kind: 'rolling', count: 12, unit: 'month', round_to: 'month' },
        }),
        mode: 'test',
        clock_at: '2027-04-01T00:00:00+09:00',
        return_window_days: 14,
        min_life_days: 90,
        min_restored_days: 30,
        clawback_policy: 'within_balance',
        rounding_scope: 'line',
        bonus_from: 'rounded_base',
      },
    ],
    ['a live program without a clock', { ...settings, clock_at: null }],
    ['fixed dates', aWallet({ expiry: { kind: 'fixed_dates', dates: ['03-31', '09-30'] } })],
    ['the last day of February', aWallet({ expiry: { kind: 'fixed_dates', dates: ['02-28', '02-29'] } })],
    ['a century of days', aWallet({ expiry: { kind: 'rolling', count: 36_500, unit: 'day' } })],
    ['a century of months', aWallet({ expiry: { kind: 'inactivity', count: 1_200, unit: 'month' } })],
    ['a century', aWallet({ expiry: { kind: 'rolling', count: 100, unit: 'year' } })],
    ['the latest clock', { ...settings, mode: 'test', clock_at: '9000-01-01T00:00:00Z' }],
    ['redemption of whole orders', aWallet({ redemption: { ...redemption, max_share_bp: 10_000 } })],
  ])('are sound: %s', (_, sound) => {
    expect(faultsOfSettings(sound)).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no name', { ...settings, name: undefined }, '/name'],
    ['an offset as zone', { ...settings, time_zone: '+09:00' }, '/time_zone'],
    ['no such currency', { ...settings, currency: 'YEN' }, '/currency'],
    ['an odd id', { ...settings, program_id: 'My Shop' }, '/program_id'],
    ['a wallet twice', { ...settings, wallets: [{ wallet: 'a' }, { wallet: 'a' }] }, '/wallets'],
    ['no wallet', { ...settings, wallets: [] }, '/wallets'],
    ['units that are sold', aWallet({ issued_for: 'paid' }), '/wallets/0/issued_for'],
    [
      'units of no value',
      aWallet({ unit_value: { ...unit_value, minor: 0 } }),
      '/wallets/0/unit_value/minor',
    ],
    ['a share without a value', aWallet({ redemption }), '/wallets/0/unit_value'],
    ['rolling without a count', aWallet({ expiry: { kind: 'rolling', unit: 'day' } }), '/wallets/0/expiry'],
    ['never with dates', aWallet({ expiry: { kind: 'never', dates: ['03-31'] } }), '/wallets/0/expiry'],
    ['the 32nd', aWallet({ expiry: { kind: 'fixed_dates', dates: ['03-32'] } }), '/wallets/0/expiry/dates/0'],
    [
      'the 30th of February',
      aWallet({ expiry: { kind: 'fixed_dates', dates: ['03-31', '02-30'] } }),
      '/wallets/0/expiry/dates/1',
    ],
    [
      'the 31st of April',
      aWallet({ expiry: { kind: 'fixed_dates', dates: ['04-31'] } }),
      '/wallets/0/expiry/dates/0',
    ],
    [
      'more days than a century',
      aWallet({ expiry: { kind: 'rolling', count: 36_501, unit: 'day' } }),
      '/wallets/0/expiry/count',
    ],
    [
      'more months than a century',
      aWallet({ expiry: { kind: 'inactivity', count: 1_201, unit: 'month' } }),
      '/wallets/0/expiry/count',
    ],
    [
      'more than a century',
      aWallet({ expiry: { kind: 'rolling', count: 101, unit: 'year' } }),
      '/wallets/0/expiry/count',
    ],
    ['a clock too far', { ...settings, mode: 'test', clock_at: '9000-01-01T00:00:00.001Z' }, '/clock_at'],
    ['a clock of a live program', { ...settings, clock_at: '2027-01-01T00:00:00Z' }, '/clock_at'],
    ['a clock without offset', { ...settings, mode: 'test', clock_at: '2027-01-01' }, '/clock_at'],
    ['a year of returns', { ...settings, return_window_days: 366 }, '/return_window_days'],
    ['an unknown policy', { ...settings, clawback_policy: 'never' }, '/clawback_policy'],
    ['an unknown setting', { ...settings, tier: 1 }, '/tier'],
  ])('are refused with a pointer: %s', (_, faulty, pointer) => {
    expect(faultsOfSettings(faulty).map((fault) => fault.pointer)).toEqual([pointer]);
  });
});
