import { ParseError, TypeError as CelTypeError, type ASTNode } from '@marcbachmann/cel-js';
import { isContextName, missingField } from './context.js';
import { LIMITS } from './limits.js';
import { contextField } from './syntax.js';

/** The condition cannot be saved; `detail` says what is wrong and where. */
export type ConditionRejection = { readonly code: 'condition_invalid'; readonly detail: string };

const LONGEST_QUOTE = 60;

interface Place {
  readonly start: number;
  readonly end: number;
}

/** What is wrong, then where, counted in characters from 1, with what stands there. */
export function refusal(sentence: string, source: string, place?: Place): ConditionRejection {
  if (!place) return { code: 'condition_invalid', detail: sentence };
  const text = source.slice(place.start, Math.max(place.end, place.start + 1)).trim();
  const quote = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  const where = quote === '' ? 'at its end' : `at character ${place.start + 1}: ${quote}`;
  return { code: 'condition_invalid', detail: `${sentence}; ${where}` };
}

/** The refusal of the parser or of the type check, in our words. */
export function refusalOf(error: unknown, source: string): ConditionRejection {
  if (!(error instanceof ParseError || error instanceof CelTypeError))
    return refusal('the condition cannot be read', source);
  const place = error.range ?? undefined;
  return refusal(sentenceFor(error), source, place);
}

const LIMIT_WORDS: Readonly<Record<string, string>> = {
  maxAstNodes: `the condition is longer than ${LIMITS.nodes} words and signs`,
  maxDepth: `the condition is nested deeper than ${LIMITS.depth}`,
  maxListElements: `a list has more than ${LIMITS.listElements} elements`,
  maxMapEntries: 'a map cannot be written here',
  maxCallArguments: `a function has more than ${LIMITS.callArguments} arguments`,
};

function sentenceFor({ code, summary, node }: ParseError | CelTypeError): string {
  if (code === 'limit_exceeded') {
    const limit = Object.keys(LIMIT_WORDS).find((key) => summary.includes(key));
    return (limit && LIMIT_WORDS[limit]) ?? summary;
  }
  if (code === 'no_such_key') return missingFieldSentence(node as ASTNode | undefined) ?? summary;
  if (code === 'no_such_overload') return overloadSentence(summary);
  if (code === 'no_matching_overload')
    return summary.replace('found no matching overload for ', 'there is no ');
  return `${summary.charAt(0).toLowerCase()}${summary.slice(1)}`;
}

function missingFieldSentence(node: ASTNode | undefined): string | undefined {
  const missing = node && contextField(node);
  return missing && isContextName(missing.name) ? missingField(missing.name, missing.field) : undefined;
}

function overloadSentence(summary: string): string {
  const operation = summary.replace('no such overload: ', '');
  const isMixed = operation.includes('int') && operation.includes('double');
  return isMixed
    ? `${operation} is not possible: 3 is a whole number, 3.0 a fraction, and double(…) makes one of the other`
    : `${operation} is not possible`;
}
