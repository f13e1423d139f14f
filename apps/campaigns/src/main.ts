import { main } from '@kizuna/service';
import { campaigns } from './campaigns.module.js';

await main(campaigns);
