import { differingSettings } from './differing-settings.js';

const current = {
  currency: 'EUR',
  earn_net_of_tax: true,
  wallets: [{ wallet: 'points' }],
  starts_at: 'then',
};

describe('what differs between settings', () => {
  it.each([
    ['the same', { currency: 'EUR', wallets: [{ wallet: 'points' }] }],
    ['not named', { currency: 'EUR', starts_at: undefined }],
  ])('nothing: %s', (_, wanted) => {
    expect(differingSettings(current, wanted)).toEqual([]);
  });

  it('is named, with both values', () => {
    const wanted = { currency: 'JPY', wallets: [{ wallet: 'points' }, { wallet: 'coins' }], name: 'Shop' };
    expect(differingSettings(current, wanted)).toEqual([
      'currency is EUR, not JPY',
      'wallets is [{"wallet":"points"}], not [{"wallet":"points"},{"wallet":"coins"}]',
      'name is not set, not Shop',
    ]);
  });
});
