import { createHash } from 'node:crypto';
import type { RawChunk } from './chunk.js';
import { idOf } from './events.js';
import type { FetchedMessage } from './port.js';

/**
 * What a lane remembers of the last message that it handled, to recognise its topic by: the id, or a hash where no id can be
 * read, so that every message has something. Where what came after it cannot be read (aborted, compacted, the mark of a
 * transaction's end), the number of those offsets stands before it: `gap:2:…`.
 */
export function lastEventOf(
  { messages, from, nextOffset }: RawChunk,
  before: string | undefined,
): string | undefined {
  const last = messages.at(-1);
  if (last) return behind(nextOffset - 1 - last.offset, nameOf(last));
  if (before === undefined) return undefined;
  const { gap, name } = parsed(before);
  return behind(gap + nextOffset - from, name);
}

/** Where the remembered message lies, for a lane whose next offset is this one. */
export function offsetOf(lastEvent: string, nextOffset: number): number {
  return nextOffset - 1 - parsed(lastEvent).gap;
}

/** Is it still the same message? */
export function isRemembered(lastEvent: string, message: FetchedMessage | undefined): boolean {
  return message !== undefined && nameOf(message) === parsed(lastEvent).name;
}

const GAP = /^gap:(\d+):(.+)$/s;

const behind = (gap: number, name: string): string => (gap === 0 ? name : `gap:${gap}:${name}`);

function parsed(lastEvent: string): { readonly gap: number; readonly name: string } {
  const [, gap, name] = GAP.exec(lastEvent) ?? [];
  return gap === undefined || name === undefined ? { gap: 0, name: lastEvent } : { gap: Number(gap), name };
}

/** An id that looks like something of ours is hashed too. */
function nameOf(message: FetchedMessage): string {
  const id = idOf(message);
  if (id !== undefined && !/^(gap|sha256):/.test(id)) return id;
  const { key, value } = message;
  const bytes = createHash('sha256')
    .update(key ?? '')
    .update(value === undefined ? '\0-' : '\0+');
  return `sha256:${(value ? bytes.update(value) : bytes).digest('hex')}`;
}
