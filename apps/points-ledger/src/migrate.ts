import { migrateRoom } from '@kizuna/service';
import { migrations } from './migrations/index.js';

await migrateRoom('points-ledger', migrations);
