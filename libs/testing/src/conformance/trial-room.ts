// The room under trial as a whole process, started as every room is. Never imported.
import { main } from '@kizuna/service';
import { trialRoom } from './trial-module.js';

await main(trialRoom);
