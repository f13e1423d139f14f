import { minor, points } from '@kizuna/kernel';
import type { RedemptionRejection } from './redeem.js';
import { refusalLine } from './refusal-line.js';

const yen = (amount: number) => ({ currency: 'JPY', minor: minor(amount) });
const required = points(1_080);

describe('a line about a refused redemption', () => {
  it.each<[RedemptionRejection, string, string]>([
    [{ code: 'unknown_wallet' }, 'there is no wallet points', 'points というウォレットはありません'],
    [
      { code: 'below_minimum_units', minimum: 2_000, required },
      'at least 2,000 points must be used at a time',
      '一度に2,000ポイント以上のご利用が必要です',
    ],
    [
      { code: 'not_a_step', step: 100, required },
      'they are used in steps of 100 points',
      'ご利用は100ポイント単位です',
    ],
    [
      { code: 'foreign_currency', currency: 'EUR', expected: 'JPY' },
      'the order is in EUR, and they pay in JPY',
      'ご注文は EUR 建てですが、利用できるのは JPY 建てのご注文です',
    ],
    [
      { code: 'above_order_share', max_share_bp: 3_350, value: yen(1_080), order: yen(2_000) },
      'they may pay at most 33.5% of an order',
      'ご利用はご注文金額の33.5%までです',
    ],
    [{ code: 'in_debt', debt: points(1) }, '1 point is still owed', '1ポイントの不足があります'],
    [
      { code: 'insufficient_points', available: points(0), required },
      '0 points are available',
      '利用できるのは0ポイントです',
    ],
  ])('says why, in both languages: $code', (refusal, en, ja) => {
    expect(refusalLine({ wallet: 'points', units: 1_080 }, refusal)).toEqual({
      en: `1,080 points could not be used: ${en}.`,
      ja: `1,080ポイントを利用できませんでした。${ja}。`,
    });
  });
});
