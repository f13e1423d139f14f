import { minor, points } from '@kizuna/kernel';
import { redeem, type RedemptionTerms } from './redeem.js';
import { ANY_TERMS, LedgerHistory, tokyo } from '../testing/ledger-history.js';

const at = tokyo('2027-04-10T10:00:00');

function decide(
  units: number,
  terms: RedemptionTerms | undefined,
  order?: { currency: string; amount: number },
) {
  const history = new LedgerHistory();
  history.award({ ref: 'A', amount: 5_000, at });
  return redeem(history.wallet, history.lots.values(), terms, {
    redemptionId: 'r1',
    units: points(units),
    order: order && { currency: order.currency, amount: minor(order.amount) },
    at,
  });
}

describe('a redemption towards an order', () => {
  // Three points are worth two yen, and may pay half of an order.
  const terms = { ...ANY_TERMS, maxShareBp: 5_000, unitValue: { currency: 'JPY', minor: 2, units: 3 } };

  it('may use the whole share and not a unit more', () => {
    expect(decide(1_500, terms, { currency: 'JPY', amount: 2_000 })).toMatchObject({
      accepted: true,
      value: { value: { currency: 'JPY', minor: 1_000 } },
    });
    // 1,501 points are worth 1,000.67 yen: the share is compared before fractions are cut.
    expect(decide(1_501, terms, { currency: 'JPY', amount: 2_000 })).toEqual({
      accepted: false,
      rejection: {
        code: 'above_order_share',
        max_share_bp: 5_000,
        value: { currency: 'JPY', minor: 1_000 },
        order: { currency: 'JPY', minor: 2_000 },
      },
    });
  });

  it('is in the currency of the wallet', () => {
    expect(decide(3, terms, { currency: 'USD', amount: 2_000 })).toMatchObject({
      rejection: { code: 'foreign_currency', currency: 'USD', expected: 'JPY' },
    });
  });

  it('has no share to keep where units have no price', () => {
    const priceless = { ...terms, unitValue: undefined };
    expect(decide(5_000, priceless, { currency: 'USD', amount: 1 })).toMatchObject({
      accepted: true,
      value: { value: undefined },
    });
  });
});

describe('a redemption from a wallet without bounds', () => {
  it('may be worth more than its order', () => {
    const boundless = { ...ANY_TERMS, maxShareBp: undefined };
    expect(decide(5_000, boundless, { currency: 'JPY', amount: 1 })).toMatchObject({ accepted: true });
  });
});

describe('a redemption', () => {
  it('from a wallet that the program does not have is refused', () => {
    expect(decide(1, undefined)).toEqual({ accepted: false, rejection: { code: 'unknown_wallet' } });
  });

  it('has the origin of its lots where they have one', () => {
    const history = new LedgerHistory();
    history.award({ ref: 'A', amount: 5, at });
    history.award({ ref: 'B', amount: 5, at, origin: 'engagement' });
    history.redeem('r1', 3, at);
    history.redeem('r2', 4, at);
    const origins = history.transfers.filter(({ kind }) => kind === 'redemption').map(({ origin }) => origin);
    expect(origins[1]).toBe('mixed');
    expect(['purchase', 'engagement']).toContain(origins[0]);
  });
});
