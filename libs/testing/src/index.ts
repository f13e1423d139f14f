export * from './databases.js';
export * from './eventually.js';
export * from './real-parts.js';
export * from './rooms.js';
export * from './service-caller.js';
export * from './topics.js';
