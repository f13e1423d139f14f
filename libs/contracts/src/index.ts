export * from './campaigns/award-events.js';
export * from './canonical.js';
export * from './event.js';
export * from './gateway/program-settings.js';
export * from './gateway/purchase.js';
export * from './gateway/refund.js';
export * from './points-ledger/points-events.js';
export * from './topics.js';
export type { Checked, Fault } from './validator.js';
