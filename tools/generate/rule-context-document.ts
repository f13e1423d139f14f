import { COMPREHENSIONS, CONTEXT, FUNCTIONS, LIMITS, METHODS, type ContextField } from '@kizuna/rules';
import { table } from './table.js';

const INTRODUCTION = `# What a condition can read

Generated from \`libs/rules/src/context.ts\` by \`npm run generate\`; do not edit. How to write rules: [docs/rules.md](../rules.md).
`;

const names = (words: Iterable<string>, before = ''): string =>
  [...words].map((word) => `\`${before}${word}()\``).join(', ');

/** Every variable of the rule language, and its bounds. */
export function ruleContextDocument(): string {
  const variables = Object.entries(CONTEXT).map(([name, { meaning, triggers, fields }]) => {
    const rows = Object.entries<ContextField>(fields).map(([field, { type, unit, meaning: text }]) => [
      `\`${name}.${field}\``,
      `\`${type === 'attributes' ? 'map' : type}\``,
      unit,
      text,
    ]);
    const head = `\n## \`${name}\`\n\n${meaning} In rules of ${triggers.map((trigger) => `${trigger}s`).join(' and ')}.\n\n`;
    return head + table(['name', 'type', 'unit', 'meaning'], rows);
  });
  return [INTRODUCTION, ...variables, bounds()].join('');
}

function bounds(): string {
  const { characters, nodes, depth, listElements, callArguments } = LIMITS;
  return `
## Functions

${names(FUNCTIONS)}; of a value ${names(METHODS, '.')}; of a list ${names(COMPREHENSIONS, '.')}. Operators: \`&& || ! == != < <= > >= in + - * / %\`
and \`condition ? a : b\`.

## Bounds

${table(
  ['of one condition', 'at most'],
  [
    ['characters', String(characters)],
    ['words and signs', String(nodes)],
    ['depth', String(depth)],
    ['elements of a written list', String(listElements)],
    ['arguments of a function', String(callArguments)],
    ['loops inside each other', '1'],
  ],
)}`;
}
