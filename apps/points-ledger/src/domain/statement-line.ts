import { localDay, type Instant } from '@kizuna/kernel';
import type { TransferKind } from './wallet.js';

/** The award whose units a line is about. */
export interface StatementAward {
  readonly businessRef: string;
  readonly origin: string;
  readonly rule: string | undefined;
  readonly ruleLabel: string | undefined;
  readonly ruleLabelJa: string | undefined;
  readonly releaseAt: Instant | undefined;
  readonly expiresAt: Instant | undefined;
}

export interface StatementFacts {
  readonly kind: TransferKind;
  readonly debit: string;
  readonly credit: string;
  readonly wallet: string;
  readonly amount: number;
  /** Of the transfer: of a clawback, the refund. */
  readonly businessRef: string;
  readonly award: StatementAward | undefined;
  readonly redemption:
    { readonly orderId: string | undefined; readonly reason: string | undefined } | undefined;
  readonly timeZone: string;
}

/** One sentence per language of the platform. */
export interface Sentence {
  readonly en: string;
  readonly ja: string;
}

/** A line of a statement as a member may read it: what moved, why, and from or until when it counts. */
export function statementLine(facts: StatementFacts): Sentence {
  return lines[facts.kind](facts);
}

const lines = {
  award: (facts) => {
    const { en, ja } = wordsOf(facts);
    const day = facts.credit === 'pending' ? facts.award?.releaseAt : undefined;
    const from = day === undefined ? undefined : dayOf(day, facts.timeZone);
    return {
      en: `Earned ${en.units} with ${en.source}${en.rule}${from ? `, usable from ${from.en}` : ''}.`,
      ja: `${ja.source}により${ja.units}を獲得しました${ja.rule}。${from ? `${from.ja}から利用できます。` : ''}`,
    };
  },
  release: (facts) => {
    const { en, ja } = wordsOf(facts);
    return {
      en: `${en.units} from ${en.source}${en.rule} became usable.`,
      ja: `${ja.source}の${ja.units}が利用できるようになりました${ja.rule}。`,
    };
  },
  debt_offset: (facts) => {
    const { en, ja } = wordsOf(facts);
    return {
      en: `${en.units} from ${en.source} went to what was owed.`,
      ja: `${ja.source}の${ja.units}が不足分に充てられました。`,
    };
  },
  clawback: (facts) => {
    const { en, ja } = wordsOf(facts);
    const refund = facts.businessRef;
    if (facts.debit === 'debt')
      return {
        en: `${en.units} ${be(facts)} owed for refund ${refund}: the units had been used.`,
        ja: `返金 ${refund} により${ja.units}が不足となりました(すでに利用済みのため)。`,
      };
    if (facts.debit === 'uncollected')
      return {
        en: `${en.units} of refund ${refund} ${was(facts)} not taken back.`,
        ja: `返金 ${refund} による${ja.units}は差し引かれませんでした。`,
      };
    return {
      en: `${en.units} from ${en.source}${en.rule} ${was(facts)} taken back for refund ${refund}.`,
      ja: `返金 ${refund} により${ja.source}の${ja.units}が差し引かれました${ja.rule}。`,
    };
  },
  redemption: (facts) => {
    const { en, ja } = wordsOf(facts);
    const { orderId, reason } = facts.redemption ?? {};
    return {
      en: `Used ${en.units}${orderId === undefined ? '' : ` on order ${orderId}`}${reason === undefined ? '' : ` (${reason})`}.`,
      ja: `${orderId === undefined ? '' : `注文 ${orderId} に`}${ja.units}を利用しました${reason === undefined ? '' : `(${reason})`}。`,
    };
  },
  expiry: (facts) => {
    const { en, ja } = wordsOf(facts);
    const until = facts.award?.expiresAt;
    // The instant of lapsing is the start of the day after the last one.
    const last = until === undefined ? undefined : dayOf((until - 1) as Instant, facts.timeZone);
    return {
      en: `${en.units} from ${en.source} expired${last ? `; they could be used through ${last.en}` : ''}.`,
      ja: `${ja.source}の${ja.units}が失効しました${last ? `(有効期限 ${last.ja})` : ''}。`,
    };
  },
} satisfies Record<TransferKind, (facts: StatementFacts) => Sentence>;

interface Words {
  readonly units: string;
  readonly source: string;
  readonly rule: string;
}

function wordsOf({ amount, wallet, award, businessRef }: StatementFacts): {
  readonly en: Words;
  readonly ja: Words;
} {
  const { en, ja } = sourceOf(award?.origin ?? '', award?.businessRef ?? businessRef);
  const rule = award?.ruleLabel ?? award?.rule;
  const ruleJa = award?.ruleLabelJa ?? rule;
  const units = unitsOf(amount, wallet);
  return {
    en: { units: units.en, source: en, rule: rule === undefined ? '' : ` (${rule})` },
    ja: { units: units.ja, source: ja, rule: ruleJa === undefined ? '' : `(${ruleJa})` },
  };
}

export function unitsOf(amount: number, wallet: string): Sentence {
  const figure = amount.toLocaleString('en-US');
  if (wallet === 'points')
    return { en: `${figure} point${amount === 1 ? '' : 's'}`, ja: `${figure}ポイント` };
  return { en: `${figure} ${wallet}`, ja: `${figure} ${wallet}` };
}

function sourceOf(origin: string, ref: string): Sentence {
  if (origin === 'purchase') return { en: `order ${ref}`, ja: `注文 ${ref} ` };
  if (origin === 'engagement') return { en: `activity ${ref}`, ja: `アクティビティ ${ref} ` };
  return { en: ref, ja: `${ref} ` };
}

const was = ({ amount }: StatementFacts): string => (amount === 1 ? 'was' : 'were');
const be = ({ amount }: StatementFacts): string => (amount === 1 ? 'is' : 'are');

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

function dayOf(at: Instant, timeZone: string): Sentence {
  const [year = 0, month = 1, day = 1] = localDay(at, timeZone).split('-').map(Number);
  return { en: `${day} ${MONTHS[month - 1]} ${year}`, ja: `${year}年${month}月${day}日` };
}
