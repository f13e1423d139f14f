export * from './arrays.js';
export * from './database.js';
export * from './errors.js';
export * from './migrations.js';
export * from './partitions.js';
export * from './provision.js';
