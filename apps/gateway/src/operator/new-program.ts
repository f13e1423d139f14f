import type { ProgramSettings } from '@kizuna/contracts';
import { accept, formatInstant, reject, type Decision, type Instant } from '@kizuna/kernel';
import { SCOPES } from '@kizuna/service';
import { faultsOfSettings } from '../settings/faults-of-settings.js';

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

/** Reads the operator's document; every fault is a sentence. */
export function readNewProgram(document: unknown): Decision<NewProgram, BadInput> {
  if (!isDocument(document))
    return reject({ code: 'bad_input', sentences: ['the input must be one JSON object'] });
  const { key = {}, ...wanted } = document;
  const settings = { ...DEFAULTS, ...wanted, revision: 1 };
  const sentences = [...sentencesOf(wanted, settings), ...faultsOfKey(key)];
  if (sentences.length > 0) return reject({ code: 'bad_input', sentences });
  const { name = 'operator', scopes = SCOPES } = key as { name?: string; scopes?: readonly string[] };
  return accept({ settings: settings as unknown as NewProgram['settings'], key: { name, scopes } });
}

/** @returns the settings with their start: what was asked for, or now */
export function startingAt({ settings }: NewProgram, now: Instant): ProgramSettings {
  return { ...settings, starts_at: settings.starts_at ?? formatInstant(now) };
}

function sentencesOf(wanted: Document, settings: Document): string[] {
  const chosen = 'revision' in wanted ? ['revision is given by the gateway and cannot be chosen'] : [];
  return [
    ...chosen,
    ...faultsOfSettings(settings).map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`),
  ];
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
