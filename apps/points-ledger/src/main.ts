import { main } from '@kizuna/service';
import { pointsLedger } from './points-ledger.module.js';

await main(pointsLedger);
