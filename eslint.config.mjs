import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const KAFKAJS = { name: 'kafkajs', message: 'Only libs/messaging knows the Kafka client.' };
const DATABASE = ['pg', 'typeorm'].map((name) => ({
  name,
  message: 'SQL belongs in libs/database, in storage/ and in migrations.',
}));
const paths = (...lists) => ({
  paths: lists.flat(),
  patterns: [{ group: ['kafkajs/*'], message: KAFKAJS.message }],
});
const imports = (...lists) => ({ 'no-restricted-imports': ['error', paths(...lists)] });

const CLOCK_AND_CHANCE = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Time is an argument of a decision.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Time is an argument of a decision.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Chance is an argument of a decision.',
  },
  { selector: ':function[async=true]', message: 'A decision is pure: it waits for nothing.' },
  { selector: 'AwaitExpression', message: 'A decision is pure: it waits for nothing.' },
  { selector: "NewExpression[callee.name='Promise']", message: 'A decision is pure: it waits for nothing.' },
];

const HOUSE = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name everywhere.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/.data/**', '**/coverage/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommended],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { ecmaVersion: 'latest', sourceType: 'module' } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...imports([KAFKAJS], DATABASE),
      'no-restricted-syntax': ['error', ...HOUSE],
      'no-console': 'error',
      'max-lines': ['error', { max: 360, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            // Rooms never import rooms, libs never import apps; tools may use libs and run rooms as processes.
            { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'lib:kernel', onlyDependOnLibsWithTags: ['lib:kernel'] },
            { sourceTag: 'lib:contracts', onlyDependOnLibsWithTags: ['lib:kernel'] },
            { sourceTag: 'lib:rules', onlyDependOnLibsWithTags: ['lib:kernel'] },
            { sourceTag: 'lib:database', onlyDependOnLibsWithTags: ['lib:kernel'] },
            {
              sourceTag: 'lib:messaging',
              onlyDependOnLibsWithTags: ['lib:kernel', 'lib:contracts', 'lib:database'],
            },
          ],
        },
      ],
    },
  },
  { files: ['libs/messaging/**/*.ts'], rules: imports(DATABASE) },
  {
    files: [
      'libs/database/**/*.ts',
      'libs/testing/**/*.ts',
      'tools/stack/**/*.ts',
      'tools/drill/storage/**/*.ts',
      // The handlers that ours are measured against: ORM saves are the point of them.
      'tools/bench/naive/storage/**/*.ts',
    ],
    rules: imports([KAFKAJS]),
  },
  { files: ['apps/*/src/storage/**/*.ts', 'apps/*/src/migrations/**/*.ts'], rules: imports([KAFKAJS]) },
  {
    files: ['apps/*/src/features/*/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [KAFKAJS, ...DATABASE],
          patterns: [
            { regex: '^\\.\\./(?!\\.\\.)', message: 'Two features never import each other.' },
            { regex: '/features/', message: 'Two features never import each other.' },
          ],
        },
      ],
    },
  },
  {
    files: ['apps/*/src/domain/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\./|@kizuna/(kernel|rules)$)',
              message: 'domain/ imports itself, kernel and rules only.',
            },
          ],
        },
      ],
      'no-restricted-syntax': ['error', ...HOUSE, ...CLOCK_AND_CHANCE],
      'no-restricted-globals': [
        'error',
        'process',
        'console',
        'fetch',
        'setTimeout',
        'setInterval',
        'crypto',
      ],
    },
  },
  {
    // What judges the rooms may not share a line with them: its files import each other, and no library either.
    files: ['tools/reconcile/calculation.ts', 'tools/reconcile/calculation/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\./(calculation/)?[a-z-]+\\.js$)',
              message: 'The calculation is independent: it imports nothing.',
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        ...HOUSE,
        ...CLOCK_AND_CHANCE,
        { selector: 'ImportExpression', message: 'The calculation is independent: it imports nothing.' },
      ],
      'no-restricted-globals': ['error', 'process', 'require', 'fetch', 'console'],
    },
  },
  {
    files: ['tools/reconcile/calculation.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\./calculation/[a-z-]+\\.js$)',
              message: 'The calculation is independent: it imports nothing.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts'],
    rules: { 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
