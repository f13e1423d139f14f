import { changedSettings } from './changed-settings.js';

describe('what a revision changed', () => {
  it('is everything, at first', () => {
    expect(
      changedSettings(undefined, { revision: 1, name: 'Shop', wallets: [{ wallet: 'points' }] }),
    ).toEqual([
      { setting: 'name', from: null, to: 'Shop' },
      { setting: 'wallets/points', from: null, to: { wallet: 'points' } },
    ]);
  });

  it('is named by setting and by wallet, never the revision itself', () => {
    const before = { revision: 1, name: 'Shop', rounding: 'floor', wallets: [{ wallet: 'points' }] };
    const coins = { wallet: 'coins', usable_for: 'goods' };
    const after = { revision: 2, name: 'Shop', rounding: 'ceil', wallets: [coins, { wallet: 'points' }] };
    expect(changedSettings(before, after)).toEqual([
      { setting: 'rounding', from: 'floor', to: 'ceil' },
      { setting: 'wallets/coins', from: null, to: coins },
    ]);
  });
});
