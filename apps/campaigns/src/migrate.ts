import { migrateRoom } from '@kizuna/service';
import { migrations } from './migrations/index.js';

await migrateRoom('campaigns', migrations);
