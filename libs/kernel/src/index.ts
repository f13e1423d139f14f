export * from './apportion.js';
export * from './clock.js';
export * from './decision.js';
export * from './fraction.js';
export * from './ids.js';
export * from './instant.js';
export * from './invariant.js';
export * from './points.js';
