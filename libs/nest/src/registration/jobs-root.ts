import { connect, JobsError, Queue, type Connection, type JobDefaults, type RunMiddleware } from '@millrace/core';

import type { QueueSettings } from '../interfaces/queue-options.interface.js';
import { forRoot } from '../jobs.messages.js';
import { loggerOf } from '../runtime/jobs.logger.js';
import { addMiddleware, runMiddleware, type FindProvider } from './middleware.js';
import { CONNECT_SETTINGS, type ResolvedModuleOptions } from './module-options.js';

/** What one `forRoot()` stands for while the application runs: a connection, and the queues on it. */
export class JobsRoot {
  readonly name: string;
  readonly options: ResolvedModuleOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #running: (() => Promise<void>)[] = [];
  #connection: Connection | undefined;

  readonly #find: FindProvider;

  /** @param find finds the providers that the options name by their classes */
  constructor(name: string, options: ResolvedModuleOptions, find: FindProvider) {
    this.name = name;
    this.options = options;
    this.#find = find;
  }

  /** @throws TypeError before {@link open} */
  get connection(): Connection {
    if (this.#connection === undefined) throw new TypeError(`Root "${this.name}" is not connected.`);
    return this.#connection;
  }

  /**
   * Connects to Redis. Until {@link hold} the connection does not keep the process alive: should the application fail to
   * start, nobody would close it.
   *
   * @throws ConnectionError, InvalidOptionError
   */
  async open(): Promise<void> {
    const { options } = this;
    const said = CONNECT_SETTINGS.map((name) => [name, options[name]] as const);
    try {
      this.#connection = await connect(options.connection, { ...Object.fromEntries(said), logger: loggerOf(this) });
    } catch (error) {
      throw inOurWords(error, this.name);
    }
    this.#connection.unref();
  }

  /** The application is up: its connection keeps the process alive until it is closed. */
  hold(): void {
    this.connection.ref();
  }

  /** Something runs on the connection that has to stop before it is closed. */
  runs(stop: () => Promise<void>): void {
    this.#running.push(stop);
  }

  /** What stands around every run of a handler. */
  get runMiddleware(): RunMiddleware[] {
    return runMiddleware(this.options.middleware, this.#find);
  }

  /** The queues that were asked for so far, by name. */
  get queues(): Queue[] {
    return [...this.#queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The queue of this name: always the same object. */
  queue(name: string, settings: QueueSettings = {}): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      const { defaults, ...rest } = settings;
      const middleware = addMiddleware(this.options.middleware, this.#find);
      queue = new Queue(name, { connection: this.connection, ...rest, middleware, defaults: this.#defaults(defaults) });
      this.#queues.set(name, queue);
    }
    return queue;
  }

  /** Stops what runs, then closes the queues and the connection. Safe before {@link open}, and twice. */
  async close(): Promise<void> {
    await Promise.all(this.#running.map((stop) => stop()));
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    await this.#connection?.close();
  }

  #defaults(own: JobDefaults | undefined): JobDefaults {
    return { ...this.options.defaults, ...withoutUndefined(own ?? {}) };
  }
}

/** The core names its own `connect()`; whoever reads this wrote `forRoot()`. */
function inOurWords(error: unknown, root: string): unknown {
  if (!JobsError.is(error)) return error;
  const message = error.message.replace(/connect\(input\)|(?<=in )connect\(\)(?=[.:])/, forRoot(root, 'connection'));
  return message === error.message ? error : new JobsError(error.code, message, { cause: error });
}

function withoutUndefined<T extends object>(said: T): Partial<T> {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Partial<T>;
}
