import { main } from '@kizuna/service';
import { gateway } from './gateway.module.js';

await main(gateway);
