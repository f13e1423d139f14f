import { Problem } from '@kizuna/service';

/**
 * A path of another room. Each segment is encoded again, so nothing in an id can lead elsewhere; `.` and `..` cannot be
 * encoded (every URL parser resolves them, `%2e%2e` too) and name nothing.
 */
export function path(texts: TemplateStringsArray, ...segments: readonly string[]): string {
  return texts.reduce((built, text, index) => built + segment(segments[index - 1] ?? '') + text);
}

function segment(id: string): string {
  if (id === '' || id === '.' || id === '..') throw new Problem(404, 'not_found');
  return encodeURIComponent(id);
}
