import { instant } from '@kizuna/kernel';
import { statementLine, type StatementFacts } from './statement-line.js';

const facts = (given: Partial<StatementFacts>): StatementFacts => ({
  kind: 'award',
  debit: 'issued',
  credit: 'available',
  wallet: 'points',
  amount: 1_054,
  businessRef: '1001',
  award: {
    businessRef: '1001',
    origin: 'purchase',
    rule: 'BASE',
    ruleLabel: 'Base points',
    ruleLabelJa: '基本ポイント',
    releaseAt: instant('2027-04-24T15:00:00Z'),
    expiresAt: instant('2028-04-30T15:00:00Z'),
  },
  redemption: undefined,
  timeZone: 'Asia/Tokyo',
  ...given,
});

describe('a line of a statement', () => {
  it.each<[string, Partial<StatementFacts>, string, string]>([
    [
      'an award',
      {},
      'Earned 1,054 points with order 1001 (Base points).',
      '注文 1001 により1,054ポイントを獲得しました(基本ポイント)。',
    ],
    [
      'an award that waits',
      { credit: 'pending' },
      'Earned 1,054 points with order 1001 (Base points), usable from 25 April 2027.',
      '注文 1001 により1,054ポイントを獲得しました(基本ポイント)。2027年4月25日から利用できます。',
    ],
    [
      'a release',
      { kind: 'release' },
      '1,054 points from order 1001 (Base points) became usable.',
      '注文 1001 の1,054ポイントが利用できるようになりました(基本ポイント)。',
    ],
    [
      'a debt paid off',
      { kind: 'debt_offset', amount: 13 },
      '13 points from order 1001 went to what was owed.',
      '注文 1001 の13ポイントが不足分に充てられました。',
    ],
    [
      'units taken back',
      { kind: 'clawback', debit: 'available', amount: 1, businessRef: 'r1' },
      '1 point from order 1001 (Base points) was taken back for refund r1.',
      '返金 r1 により注文 1001 の1ポイントが差し引かれました(基本ポイント)。',
    ],
    [
      'units owed',
      { kind: 'clawback', debit: 'debt', amount: 13, businessRef: 'r1' },
      '13 points are owed for refund r1: the units had been used.',
      '返金 r1 により13ポイントが不足となりました(すでに利用済みのため)。',
    ],
    [
      'units nobody gives',
      { kind: 'clawback', debit: 'uncollected', amount: 13, businessRef: 'r1' },
      '13 points of refund r1 were not taken back.',
      '返金 r1 による13ポイントは差し引かれませんでした。',
    ],
    [
      'a redemption',
      { kind: 'redemption', amount: 80, award: undefined, redemption: { orderId: '1002', reason: 'tea' } },
      'Used 80 points on order 1002 (tea).',
      '注文 1002 に80ポイントを利用しました(tea)。',
    ],
    [
      'an expiry',
      { kind: 'expiry', amount: 30 },
      '30 points from order 1001 expired; they could be used through 30 April 2028.',
      '注文 1001 の30ポイントが失効しました(有効期限 2028年4月30日)。',
    ],
    [
      'another wallet, without a rule',
      { wallet: 'cashback-jpy', award: undefined, businessRef: 'gift' },
      'Earned 1,054 cashback-jpy with gift.',
      'gift により1,054 cashback-jpyを獲得しました。',
    ],
  ])('says %s in both languages', (_, given, en, ja) => {
    expect(statementLine(facts(given))).toEqual({ en, ja });
  });

  it('uses the one name that a rule has', () => {
    const { award } = facts({});
    const named = award && { ...award, ruleLabelJa: undefined };
    expect(statementLine(facts({ award: named })).ja).toContain('Base points');
  });
});
