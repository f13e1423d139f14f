import { faultsOfExpiry, programSettingsChanged, type WalletSettings } from '@kizuna/contracts';
import { formatInstant, instant, isCurrency, isProgramId } from '@kizuna/kernel';
import { LATEST_CLOCK } from '../domain/advance-clock.js';
import type { Fault } from '../domain/fault.js';

type Document = Readonly<Record<string, unknown>>;

/** Stands in for a start that is not named while the rest is checked; never stored. */
const ANY_START = '2000-01-01T00:00:00.000Z';

/** Everything that is wrong with the whole settings of a program, each with where it is. */
export function faultsOfSettings(settings: Document): Fault[] {
  const named = faultsOfNames(settings);
  const told = new Set(named.map(({ pointer }) => pointer));
  const checked = programSettingsChanged.checkClosed({ starts_at: ANY_START, ...settings });
  if (!checked.valid) return [...named, ...checked.faults.filter(({ pointer }) => !told.has(pointer))];
  return [...named, ...faultsOfWallets(checked.value.wallets), ...faultsOfClock(settings)];
}

/** What the contract would only call a wrong pattern is said in words. */
function faultsOfNames({ program_id, currency, time_zone }: Document): Fault[] {
  const faults: Fault[] = [];
  if (typeof program_id === 'string' && !isProgramId(program_id))
    faults.push({
      pointer: '/program_id',
      detail: `"${program_id}" must have 3 to 40 small letters, digits and hyphens, begin with a letter and not end with a hyphen`,
    });
  if (typeof currency === 'string' && !isCurrency(currency))
    faults.push({ pointer: '/currency', detail: `"${currency}" is not an ISO 4217 code` });
  if (typeof time_zone === 'string' && !isTimeZone(time_zone))
    faults.push({ pointer: '/time_zone', detail: `"${time_zone}" is not an IANA time zone` });
  return faults;
}

function faultsOfWallets(wallets: readonly WalletSettings[]): Fault[] {
  const codes = wallets.map(({ wallet }) => wallet);
  const twice =
    new Set(codes).size < codes.length ? [{ pointer: '/wallets', detail: 'has the same wallet twice' }] : [];
  return [...twice, ...wallets.flatMap(faultsOfWallet)];
}

function faultsOfWallet({ expiry, redemption, unit_value }: WalletSettings, index: number): Fault[] {
  const at = `/wallets/${index}`;
  const faults = expiry ? faultsOfTerms(expiry, `${at}/expiry`) : [];
  const isShareBounded = redemption !== undefined && redemption.max_share_bp < WHOLE_BP;
  if (isShareBounded && !unit_value)
    faults.push({ pointer: `${at}/unit_value`, detail: 'is needed to bound the share of an order' });
  return faults;
}

const WHOLE_BP = 10_000;

type Expiry = NonNullable<WalletSettings['expiry']>;

/**
 * A century in each unit. The event's contract is wider and stays so: what was stored under it must remain readable, so
 * only whoever sets a term anew is held to this.
 */
const LONGEST = { day: 36_500, month: 1_200, year: 100 } as const;

function faultsOfTerms(expiry: Expiry, at: string): Fault[] {
  const { count = 1, unit = 'day', dates = [] } = expiry;
  const faults = faultsOfExpiry(expiry).map((detail) => ({ pointer: at, detail }));
  if (count > LONGEST[unit])
    faults.push({ pointer: `${at}/count`, detail: `is more than 100 years: at most ${LONGEST[unit]}` });
  dates.forEach((date, index) => {
    if (!isDayOfYear(date))
      faults.push({ pointer: `${at}/dates/${index}`, detail: `is no day of any year: ${date}` });
  });
  return faults;
}

/** 29 February is one, in leap years. */
function isDayOfYear(date: string): boolean {
  const [month = 0, day = 0] = date.split('-').map(Number);
  return new Date(Date.UTC(LEAP_YEAR, month - 1, day)).getUTCDate() === day;
}

const LEAP_YEAR = 2028;

function faultsOfClock({ mode, clock_at }: Document): Fault[] {
  if (typeof clock_at !== 'string') return [];
  if (mode !== 'test')
    return [{ pointer: '/clock_at', detail: 'is for test programs: a live one has the clock of the system' }];
  return instant(clock_at) > LATEST_CLOCK
    ? [{ pointer: '/clock_at', detail: `is after ${formatInstant(LATEST_CLOCK)}` }]
    : [];
}

/** Offsets such as `+09:00` are no zones: they know no daylight saving time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
