import type { Logger } from '../../options/index.js';
import { failureReason } from '../client/failure.js';
import type { Link } from '../client/link.js';
import { connectionFailure, isFinal } from './connection-failure.js';

/**
 * Says once that Redis is away and why, once more for each further reason, and once that it is back, however many
 * clients of the connection notice and however often they try.
 */
export class StateLog {
  readonly #logger: Logger;
  readonly #description: string;
  readonly #isAwaited: boolean;
  readonly #down = new Set<Link>();
  readonly #reasons = new Set<string>();
  #since = 0;
  #isAway = false;
  #wasReady = false;

  /** @param isAwaited whether somebody waits for the first answer: he hears of a final failure anyway */
  constructor(logger: Logger, description: string, isAwaited: boolean) {
    this.#logger = logger;
    this.#description = description;
    this.#isAwaited = isAwaited;
  }

  /** Follows a client until it is closed. */
  watch(link: Link): void {
    if (link.isReady) this.#wasReady = true;
    link.onChange((state, error) => {
      if (state === 'ready') this.#up(link);
      else if (state === 'down') this.#failed(link, error);
      else this.#down.delete(link);
    });
  }

  #failed(link: Link, error: Error | undefined): void {
    const isFirst = !this.#isAway;
    this.#isAway = true;
    this.#down.add(link);
    const reason = error && failureReason(error);
    if (isFirst) {
      this.#since = performance.now();
      if (this.#wasReady)
        return this.#warn(`Lost the connection to Redis at ${this.#description}${reason ? ` (${reason})` : ''}.`);
    }
    if (error === undefined || reason === undefined || this.#reasons.has(reason)) return;
    if (this.#isAwaited && !this.#wasReady && isFinal(error)) return;
    this.#reasons.add(reason);
    this.#warn(connectionFailure(error, this.#description).message);
  }

  #warn(message: string): void {
    this.#logger.warn(`${message} Trying again.`);
  }

  #up(link: Link): void {
    this.#down.delete(link);
    // One that ended while it was down is not back before the one that takes its place is.
    if (this.#isAway && this.#down.size === 0) {
      this.#isAway = false;
      this.#reasons.clear();
      const seconds = ((performance.now() - this.#since) / 1_000).toFixed(1);
      this.#logger.info(`Redis at ${this.#description} answers${this.#wasReady ? ' again' : ''} after ${seconds} s.`);
    }
    this.#wasReady = true;
  }
}
