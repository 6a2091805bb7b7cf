import { sleep, type Clock, type Timer } from '../clock/index.js';
import { ClosedError, NoRedisError, StorageRefusedError } from '../errors/index.js';
import type { Logger, ResolvedLeaseOptions } from '../options/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { CallUnknownError } from '../redis/index.js';
import type { OpenReply } from '../redis/scripts.generated.js';
import { Epoch } from './epoch.js';
import type { KeeperHost } from './keeper/keeper-host.js';
import type { News } from './news.js';
import type { Stock } from './stock.js';

/** What Redis says when an epoch is opened. */
export type Opened = Extract<OpenReply, { code: 'OK' }>;

/** What the tenure asks of, and tells to, its consumer. */
export interface TenureHost {
  readonly context: QueueContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lease: ResolvedLeaseOptions;
  readonly keeper: KeeperHost;
  readonly stock: Stock;
  readonly news: News;
  /** What the worker says of itself, as JSON text. */
  readonly info: string;
  /** There is an epoch to work under. */
  opened(reply: Opened): void;
}

/** The least time from one opening to the next. */
const REOPEN_AFTER_MS = 1_000;
/** Refusals that time does not mend. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM']);

/** The epochs of a worker on one queue, one after the other: opened, kept, and closed or lost. */
export class Tenure {
  readonly #host: TenureHost;
  readonly #ended = new AbortController();
  #epoch: Epoch | undefined;
  #opening: Epoch | undefined;
  #openedAt = -Infinity;
  #reopening: Timer | undefined;
  #leaveChannel: (() => void) | undefined;

  constructor(host: TenureHost) {
    this.#host = host;
  }

  /** The epoch to work under; none while it is being opened. */
  get epoch(): Epoch | undefined {
    return this.#epoch;
  }

  /**
   * Opens the first epoch; waits for Redis as long as it takes.
   *
   * @throws ClosedError when it was ended meanwhile; QueueMismatchError, UpgradeRequiredError, StorageRefusedError
   */
  async begin(): Promise<void> {
    const { context, clock } = this.#host;
    const { signal } = this.#ended;
    for (;;) {
      try {
        await this.#orEnded(context.declare());
        return await this.#orEnded(this.#open());
      } catch (error) {
        signal.throwIfAborted();
        if (!mayPass(error)) throw error;
      }
      await sleep(clock, REOPEN_AFTER_MS, { signal });
    }
  }

  /** The epoch is gone; the next one is opened. False if it was not the present one. */
  lose(epoch: Epoch): boolean {
    if (this.#epoch !== epoch) return false;
    this.#leave(epoch);
    epoch.end();
    // Perhaps Redis has lost its data, and with them that there is such a queue.
    this.#host.context.undeclare();
    if (!this.#ended.signal.aborted) this.#reopenSoon();
    return true;
  }

  /** Gives back whatever is held and ends the present epoch; no other follows. */
  async end(): Promise<void> {
    this.#ended.abort(new ClosedError(`The worker of queue "${this.#host.context.name}"`, 'start'));
    this.#reopening?.clear();
    const epoch = this.#epoch ?? this.#opening;
    if (epoch === undefined) return;
    this.#leave(epoch);
    await epoch.close().finally(() => epoch.end());
  }

  async #open(): Promise<void> {
    const { context, keeper, lease, info, clock } = this.#host;
    const epoch = new Epoch(context, keeper.clocks);
    // Before it can be parked: a wake-up that nobody hears would be lost.
    const leaveChannel = await context.connection.subscriber.subscribe(`${context.base}:w:${epoch.id}`, (message) =>
      this.#host.news.fromChannel(epoch, message),
    );
    try {
      await keeper.ready;
      this.#ended.signal.throwIfAborted();
      this.#opening = epoch;
      const reply = await epoch.open(lease.durationMs, info);
      this.#ended.signal.throwIfAborted();
      if (reply.code === 'UPGRADE') throw context.upgradeRequired(`features "${reply.bits}"`);
      this.#epoch = epoch;
      this.#leaveChannel = leaveChannel;
      this.#openedAt = clock.monotonic();
      this.#keep(epoch);
      this.#host.opened(reply);
    } catch (error) {
      leaveChannel();
      throw error;
    } finally {
      this.#opening = undefined;
    }
  }

  #keep(epoch: Epoch): void {
    const { context, keeper, lease, stock, news } = this.#host;
    const kept = {
      number: epoch.number,
      id: epoch.id,
      queue: context.name,
      base: context.base,
      leaseMs: lease.durationMs,
      permit: epoch.permit.buffer,
      calls: epoch.calls.buffer,
      table: stock.table.buffer,
      blockedLimitMs: lease.blockedLimitMs,
    };
    keeper.keep(kept, (message) => news.fromKeeper(epoch, message));
  }

  /** Not at once where an epoch was lost as soon as it was opened. */
  #reopenSoon(): void {
    const { clock, context, logger } = this.#host;
    const inMs = Math.max(0, this.#openedAt + REOPEN_AFTER_MS - clock.monotonic());
    this.#reopening = clock.setTimer(inMs, () => {
      this.#open().catch((error: Error) => {
        if (this.#ended.signal.aborted) return;
        logger.error(`Queue "${context.name}" cannot be worked at the moment: ${error.message}`);
        this.#openedAt = clock.monotonic();
        this.#reopenSoon();
      });
    });
  }

  #leave(epoch: Epoch): void {
    this.#epoch = undefined;
    this.#leaveChannel?.();
    this.#leaveChannel = undefined;
    this.#host.keeper.forget(epoch.number);
  }

  /** Nobody waits for Redis when the worker has been stopped. */
  #orEnded<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this.#ended;
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(signal.reason as Error);
      if (signal.aborted) ended();
      signal.addEventListener('abort', ended, { once: true });
      void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', ended));
    });
  }
}

function mayPass(error: unknown): boolean {
  if (StorageRefusedError.is(error)) return !FINAL_REFUSALS.has(error.reason);
  return NoRedisError.is(error) || error instanceof CallUnknownError;
}
