/** Injection tokens of what a room module provides and has no class of its own. */
export const ROOM_CONFIG = Symbol('room-config');
export const KAFKA_CLIENT = Symbol('kafka-client');
export const KAFKA_ADMIN = Symbol('kafka-admin');
export const CLOCK = Symbol('clock');
export const PROCESS_NAME = Symbol('process-name');
export const AUTHENTICATION = Symbol('authentication');
