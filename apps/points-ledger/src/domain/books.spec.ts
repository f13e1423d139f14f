import { differencesOf, programDifferences, type ProgramBooks, type WalletBooks } from './books.js';

const FIGURES = { pending: 20, available: 37, held: 0, debt: 0 };
const sound: WalletBooks = {
  programId: 'komorebi',
  memberId: 'ann',
  wallet: 'points',
  told: { ...FIGURES, seq: 3 },
  ofTransfers: { ...FIGURES, count: 3, numbers: 3, last: 3 },
  ofLots: { pending: 20, available: 37, overdrawn: 0 },
};
const program: ProgramBooks = { programId: 'komorebi', wallet: 'points', ofMembers: 57n, ofSystem: -57n };

const laws = (books: WalletBooks): string[] => differencesOf(books).map(({ law }) => law);

describe('the books of a wallet', () => {
  it('agree when the row, the transfers and the lots say the same', () => {
    expect(differencesOf(sound)).toEqual([]);
  });

  it.each<[what: string, books: Partial<WalletBooks>, laws: string[]]>([
    [
      'a raised balance',
      { told: { ...sound.told, available: 38 } },
      ['figures_are_transfers', 'figures_are_lots'],
    ],
    ['a lot that was filled up', { ofLots: { ...sound.ofLots, pending: 21 } }, ['figures_are_lots']],
    [
      'a lot that is usable too early',
      { ofLots: { pending: 0, available: 57, overdrawn: 0 } },
      ['figures_are_lots'],
    ],
    ['a debt that nobody posted', { told: { ...sound.told, debt: 1 } }, ['figures_are_transfers']],
    ['units held without a transfer', { told: { ...sound.told, held: 1 } }, ['figures_are_transfers']],
    [
      'a transfer that is gone',
      { ofTransfers: { ...sound.ofTransfers, count: 2, numbers: 2 } },
      ['transfers_are_numbered'],
    ],
    [
      'the last transfer gone',
      { ofTransfers: { ...sound.ofTransfers, count: 2, numbers: 2, last: 2 } },
      ['transfers_are_numbered'],
    ],
    [
      'two transfers of one number',
      { ofTransfers: { ...sound.ofTransfers, numbers: 2 } },
      ['transfers_are_numbered'],
    ],
    ['a lot with more out than in', { ofLots: { ...sound.ofLots, overdrawn: 1 } }, ['no_lot_is_overdrawn']],
    [
      'a negative balance that everything agrees on',
      {
        told: { ...sound.told, available: -1 },
        ofTransfers: { ...sound.ofTransfers, available: -1 },
        ofLots: { ...sound.ofLots, available: -1 },
      },
      ['no_figure_is_negative'],
    ],
  ])('disagree after %s', (_, given, expected) => {
    expect(laws({ ...sound, ...given })).toEqual(expected);
  });

  it('are told with what is asked for and what is there', () => {
    expect(differencesOf({ ...sound, ofLots: { pending: 20, available: 36, overdrawn: 0 } })).toEqual([
      {
        programId: 'komorebi',
        memberId: 'ann',
        wallet: 'points',
        law: 'figures_are_lots',
        expected: 'pending 20, available 36',
        found: 'pending 20, available 37',
      },
    ]);
  });
});

describe('the books of a program', () => {
  it('come to nothing', () => {
    expect(programDifferences([program])).toEqual([]);
    expect(programDifferences([program, { ...program, wallet: 'coins', ofSystem: -56n }])).toEqual([
      {
        programId: 'komorebi',
        memberId: undefined,
        wallet: 'coins',
        law: 'transfers_sum_to_zero',
        expected: '0',
        found: 'members 57, system accounts -56',
      },
    ]);
  });
});
