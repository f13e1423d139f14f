/** The four figures of a wallet, in units. */
export interface Figures {
  readonly pending: number;
  readonly available: number;
  readonly held: number;
  readonly debt: number;
}

/** One wallet as three records tell it, all of the same moment. */
export interface WalletBooks {
  readonly programId: string;
  readonly memberId: string;
  readonly wallet: string;
  /** What the row of the wallet says. */
  readonly told: Figures & { readonly seq: number };
  /** What its transfers come to. */
  readonly ofTransfers: Figures & { readonly count: number; readonly numbers: number; readonly last: number };
  /** What is left of its lots, and how many of them more has left than was awarded. */
  readonly ofLots: Pick<Figures, 'pending' | 'available'> & { readonly overdrawn: number };
}

/** The accounts of one wallet of a program: all members' figures, and the system accounts behind them. */
export interface ProgramBooks {
  readonly programId: string;
  readonly wallet: string;
  /** Pending, available and held of all members less what they owe. */
  readonly ofMembers: bigint;
  readonly ofSystem: bigint;
}

export const BOOKS_LAWS = [
  'transfers_sum_to_zero',
  'figures_are_transfers',
  'figures_are_lots',
  'no_figure_is_negative',
  'transfers_are_numbered',
  'no_lot_is_overdrawn',
] as const;
export type BooksLaw = (typeof BOOKS_LAWS)[number];

/** A law that does not hold, with what it asks for and what is there. */
export interface BooksDifference {
  readonly programId: string;
  /** undefined: of the program as a whole */
  readonly memberId: string | undefined;
  readonly wallet: string;
  readonly law: BooksLaw;
  readonly expected: string;
  readonly found: string;
}

const FIGURES = ['pending', 'available', 'held', 'debt'] as const;
const tell = (figures: Readonly<Record<string, number>>, names: readonly string[]): string =>
  names.map((name) => `${name} ${figures[name]}`).join(', ');

/** Balance = sum of transfers = sum of lots, numbered without a gap, nothing negative, no more out of a lot than in. */
export function differencesOf({ told, ofTransfers, ofLots, ...of }: WalletBooks): BooksDifference[] {
  const whole = { ...told };
  const compared: readonly (readonly [law: BooksLaw, expected: string, found: string])[] = [
    ['figures_are_transfers', tell({ ...ofTransfers }, FIGURES), tell(whole, FIGURES)],
    [
      'figures_are_lots',
      tell({ ...ofLots }, ['pending', 'available']),
      tell(whole, ['pending', 'available']),
    ],
    [
      'no_figure_is_negative',
      'none below 0',
      FIGURES.some((name) => told[name] < 0) ? tell(whole, FIGURES) : 'none below 0',
    ],
    [
      'transfers_are_numbered',
      `1 to ${told.seq}`,
      ofTransfers.count === ofTransfers.numbers && ofTransfers.count === ofTransfers.last
        ? `1 to ${ofTransfers.count}`
        : `${ofTransfers.count} transfers, ${ofTransfers.numbers} numbers up to ${ofTransfers.last}`,
    ],
    ['no_lot_is_overdrawn', '0 lots', `${ofLots.overdrawn} lots`],
  ];
  return compared
    .filter(([, expected, found]) => expected !== found)
    .map(([law, expected, found]) => ({ ...of, law, expected, found }));
}

/** Every transfer adds to one account what it takes from another, so all of them together come to nothing. */
export function programDifferences(books: readonly ProgramBooks[]): BooksDifference[] {
  return books
    .filter(({ ofMembers, ofSystem }) => ofMembers + ofSystem !== 0n)
    .map(({ programId, wallet, ofMembers, ofSystem }) => ({
      programId,
      memberId: undefined,
      wallet,
      law: 'transfers_sum_to_zero',
      expected: '0',
      found: `members ${ofMembers}, system accounts ${ofSystem}`,
    }));
}
