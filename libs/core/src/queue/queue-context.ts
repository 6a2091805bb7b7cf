import type { Clock } from '../clock/index.js';
import { ClosedError, QueueMismatchError, UpgradeRequiredError } from '../errors/index.js';
import type { Logger } from '../options/index.js';
import type { Connection, RunOptions, Script } from '../redis/index.js';
import { baseKey, scripts } from '../redis/index.js';

/** The format of the records this release writes, and reads. */
export const FORMAT = 1;

/** One queue as the parts of the library share it: where its keys are, and how to run a command on them. */
export class QueueContext {
  readonly name: string;
  readonly base: string;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly #slot: string | undefined;
  #declared: Promise<void> | undefined;
  #closed = false;

  constructor(name: string, connection: Connection, slot: string | undefined, logger: Logger | undefined) {
    this.name = name;
    this.connection = connection;
    this.clock = connection.clock;
    this.logger = logger ?? connection.logger;
    this.base = baseKey(connection.prefix, name, slot);
    this.#slot = slot;
  }

  /** The time to hand to a command: none in production, where the clock of Redis counts. */
  get now(): number | undefined {
    return this.clock.isVirtual ? this.clock.now() : undefined;
  }

  /** Runs a command on this queue, once the queue has been declared. */
  async run<A, R>(script: Script<A, R>, args: A, options?: RunOptions): Promise<R> {
    if (this.#closed) throw new ClosedError(`Queue "${this.name}"`, `run ${script.name}`);
    if (this.#declared !== DONE) await this.declare();
    return this.connection.scripts.run(script, this.base, args, options);
  }

  /**
   * Enters the queue in the registry of its prefix and makes sure that it is the queue it is taken for. Once a context.
   *
   * @throws QueueMismatchError when the name is registered with another slot, format or kind of time
   */
  declare(): Promise<void> {
    this.#declared ??= this.#declare().then(
      () => void (this.#declared = DONE),
      (error: unknown) => {
        this.#declared = undefined;
        throw error;
      },
    );
    return this.#declared;
  }

  /** Refuses further commands. */
  close(): void {
    this.#closed = true;
  }

  /** The error for a queue that uses something this release does not know. */
  upgradeRequired(what: string): UpgradeRequiredError {
    return new UpgradeRequiredError(this.name, what);
  }

  async #declare(): Promise<void> {
    const { connection, name } = this;
    const place = `${FORMAT}\t${this.#slot ?? ''}`;
    const registered = await connection.scripts.run(scripts.register, connection.prefix, { name, place });
    if (registered.place !== place) {
      const [format = '', slot = ''] = registered.place.split('\t');
      if (format !== String(FORMAT)) throw new QueueMismatchError(name, 'format', format, String(FORMAT));
      throw new QueueMismatchError(name, 'slot', slot, this.#slot ?? '');
    }
    const virtual = this.clock.isVirtual ? 1 : 0;
    const declared = await connection.scripts.run(scripts.declare, this.base, { virtual });
    if (declared.format > FORMAT) throw this.upgradeRequired(`records of format ${declared.format}`);
    if (declared.virtual !== virtual) {
      throw new QueueMismatchError(name, 'time', declared.virtual === 1 ? 'virtual' : 'real', virtual === 1 ? 'virtual' : 'real');
    }
  }
}

const DONE = Promise.resolve();
