// One piece of forbidden code per guard: linted under a file name, and the guard must speak.
export const canaries = [
  {
    guard: 'rooms never import rooms',
    file: 'apps/gateway/src/canary.ts',
    code: `import '../../campaigns/src/campaigns.module.js';\n`,
    message: '@nx/enforce-module-boundaries',
  },
  {
    guard: 'libs never import apps',
    file: 'libs/service/src/canary.ts',
    code: `import '../../../apps/campaigns/src/campaigns.module.js';\n`,
    message: '@nx/enforce-module-boundaries',
  },
  {
    guard: 'kernel imports no other lib',
    file: 'libs/kernel/src/canary.ts',
    code: `import { topics } from '@kizuna/contracts';\nexport const canary = topics;\n`,
    message: '@nx/enforce-module-boundaries',
  },
  {
    guard: 'rules import the kernel only',
    file: 'libs/rules/src/canary.ts',
    code: `import { topics } from '@kizuna/contracts';\nexport const canary = topics;\n`,
    message: '@nx/enforce-module-boundaries',
  },
  {
    guard: 'kafkajs only in messaging',
    file: 'apps/campaigns/src/features/decide-awards/canary.ts',
    code: `import { Kafka } from 'kafkajs';\nexport const canary = Kafka;\n`,
    message: 'Only libs/messaging knows the Kafka client',
  },
  {
    guard: 'pg only in database, storage and migrations',
    file: 'apps/points-ledger/src/features/post-awards/canary.ts',
    code: `import pg from 'pg';\nexport const canary = pg;\n`,
    message: 'SQL belongs in',
  },
  {
    guard: 'pg in the drill only in its storage',
    file: 'tools/drill/canary.ts',
    code: `import pg from 'pg';\nexport const canary = pg;\n`,
    message: 'SQL belongs in',
  },
  {
    guard: 'typeorm only in database, storage and migrations',
    file: 'libs/service/src/canary.ts',
    code: `import { DataSource } from 'typeorm';\nexport const canary = DataSource;\n`,
    message: 'SQL belongs in',
  },
  {
    guard: 'features never import each other',
    file: 'apps/campaigns/src/features/read-rules/canary.ts',
    code: `import '../create-rule/create-rule.controller.js';\n`,
    message: 'Two features never import each other',
  },
  {
    guard: 'domain imports itself, kernel and rules only',
    file: 'apps/campaigns/src/domain/canary.ts',
    code: `import '../storage/save-orders.js';\n`,
    message: 'domain/ imports itself, kernel and rules only',
  },
  {
    guard: 'domain has no clock',
    file: 'apps/campaigns/src/domain/canary.ts',
    code: `export const canary = (): number => Date.now();\n`,
    message: 'Time is an argument',
  },
  {
    guard: 'domain has no chance',
    file: 'apps/points-ledger/src/domain/canary.ts',
    code: `export const canary = (): number => Math.random();\n`,
    message: 'Chance is an argument',
  },
  {
    guard: 'domain waits for nothing',
    file: 'apps/points-ledger/src/domain/canary.ts',
    code: `export const canary = async (): Promise<number> => 1;\n`,
    message: 'A decision is pure',
  },
  {
    guard: 'domain has no input or output',
    file: 'apps/points-ledger/src/domain/canary.ts',
    code: `export const canary = (): unknown => fetch('http://127.0.0.1');\n`,
    message: 'no-restricted-globals',
  },
  {
    guard: 'the independent calculation imports nothing',
    file: 'tools/reconcile/calculation.ts',
    code: `import { points } from '@kizuna/kernel';\nexport const canary = points;\n`,
    message: 'The calculation is independent',
  },
  {
    guard: 'no any',
    file: 'libs/kernel/src/canary.ts',
    code: `export const canary = (value: any): unknown => value;\n`,
    message: 'no-explicit-any',
  },
];
