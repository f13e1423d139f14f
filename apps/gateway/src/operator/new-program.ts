import { programSettingsChanged, type ProgramSettings } from '@kizuna/contracts';
import {
  accept,
  formatInstant,
  isCurrency,
  isProgramId,
  reject,
  type Decision,
  type Instant,
} from '@kizuna/kernel';
import { SCOPES } from '@kizuna/service';

/** A program as the operator asks for it, complete but for its start. */
export interface NewProgram {
  readonly settings: Omit<ProgramSettings, 'starts_at'> & { readonly starts_at: string | undefined };
  readonly key: { readonly name: string; readonly scopes: readonly string[] };
}

export type BadInput = Readonly<{ code: 'bad_input'; sentences: readonly string[] }>;

type Document = Readonly<Record<string, unknown>>;

const DEFAULTS = {
  wallets: [{ wallet: 'points' }],
  rounding: 'floor',
  earn_net_of_tax: true,
  late_window_days: 30,
  max_award: 1_000_000_000,
} as const;

/** Stands in for a start that is not named while the rest is checked; never stored. */
const ANY_START = '2000-01-01T00:00:00.000Z';

/** Reads the operator's document; every fault is a sentence. */
export function readNewProgram(document: unknown): Decision<NewProgram, BadInput> {
  if (!isDocument(document))
    return reject({ code: 'bad_input', sentences: ['the input must be one JSON object'] });
  const { key = {}, ...wanted } = document;
  const settings = { ...DEFAULTS, ...wanted, revision: 1 };
  const sentences = [...faultsOfSettings(wanted, settings), ...faultsOfKey(key)];
  if (sentences.length > 0) return reject({ code: 'bad_input', sentences });
  const { name = 'operator', scopes = SCOPES } = key as { name?: string; scopes?: readonly string[] };
  return accept({ settings: settings as unknown as NewProgram['settings'], key: { name, scopes } });
}

/** @returns the settings with their start: what was asked for, or now */
export function startingAt({ settings }: NewProgram, now: Instant): ProgramSettings {
  return { ...settings, starts_at: settings.starts_at ?? formatInstant(now) };
}

function faultsOfSettings(wanted: Document, settings: Document): string[] {
  const { program_id, currency, time_zone, wallets } = settings;
  const sentences: string[] = [];
  if ('revision' in wanted) sentences.push('revision is given by the gateway and cannot be chosen');
  if (typeof program_id === 'string' && !isProgramId(program_id))
    sentences.push(
      `program_id "${program_id}" must have 3 to 40 small letters, digits and hyphens, begin with a letter and not end with a hyphen`,
    );
  if (typeof currency === 'string' && !isCurrency(currency))
    sentences.push(`currency "${currency}" is not an ISO 4217 code`);
  if (typeof time_zone === 'string' && !isTimeZone(time_zone))
    sentences.push(`time_zone "${time_zone}" is not an IANA time zone`);
  if (Array.isArray(wallets)) {
    const names = wallets.map((item: unknown) => (isDocument(item) ? item['wallet'] : item));
    if (new Set(names).size < names.length) sentences.push('wallets has the same wallet twice');
  }
  const told = ['/program_id', '/currency', '/time_zone'].filter((pointer) =>
    sentences.some((sentence) => sentence.startsWith(`${pointer.slice(1)} "`)),
  );
  const checked = programSettingsChanged.checkClosed({ starts_at: ANY_START, ...settings });
  const faults = checked.valid ? [] : checked.faults.filter(({ pointer }) => !told.includes(pointer));
  return [...sentences, ...faults.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`)];
}

function faultsOfKey(key: unknown): string[] {
  if (!isDocument(key)) return ['key must be an object with name and scopes'];
  const { name, scopes, ...unknown } = key;
  const sentences = Object.keys(unknown).map((property) => `key/${property} is not a known property`);
  if (name !== undefined && !(typeof name === 'string' && /^[^\p{Cc}]{1,100}$/u.test(name)))
    sentences.push('key/name must be a text of 1 to 100 characters');
  const known: ReadonlySet<unknown> = new Set(SCOPES);
  if (
    scopes !== undefined &&
    !(Array.isArray(scopes) && scopes.length > 0 && scopes.every((scope) => known.has(scope)))
  )
    sentences.push(`key/scopes must be a list of ${SCOPES.join(', ')}`);
  return sentences;
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
