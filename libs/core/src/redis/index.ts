/** The way to Redis: the only folder that knows ioredis. */
export { CallUnknownError } from './calls/call-unknown-error.js';
export type { RunOptions, ScriptRunner } from './calls/script-runner.js';
export { connect, connectAsKeeper } from './connection/connect.js';
export { Connection } from './connection/connection.js';
export type { Taker } from './connection/arrivals.js';
export type { ClusterInput, ConnectionInput, EmbeddedInput } from './input/connection-input.js';
export type { KeeperConnection, KeeperConnectionResult } from './connection/keeper-connection.js';
export type { EmbeddedOptions } from './embedded/embedded-options.js';
export { fieldsOf, keysUnder, memoryOf, unlinkKeys } from './keyspace.js';
export { baseKey, queueOfKey, registryKey } from './keys.js';
export type { AnyScript, Script } from './script.js';
export * as scripts from './scripts.generated.js';
export type { MessageListener, Subscriber } from './subscriber.js';
