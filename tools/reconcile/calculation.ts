export { calculate } from './calculation/calculate.js';
export type { ProgramFacts, SentRequest } from './calculation/requests.js';
export type {
  CalculatedAward,
  CalculatedEngagement,
  CalculatedOrder,
  CalculatedRedemption,
  CalculatedRefund,
  CalculatedReview,
  Calculation,
  Figures,
  Holding,
  NotAwarded,
  ReviewReason,
} from './calculation/results.js';
