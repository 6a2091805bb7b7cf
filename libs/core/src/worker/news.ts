import type { Logger } from '../options/index.js';
import { isPausedBy } from '../queue/pausing.js';
import type { QueueContext } from '../queue/queue-context.js';
import type { Epoch } from './epoch.js';
import type { KeeperHost } from './keeper/keeper-host.js';
import type { FromKeeper, Renewed } from './keeper/messages.js';
import type { Outcomes } from './outcomes.js';
import type { QueueState } from './queue-state.js';
import { parseTaken } from './taken.js';

/** What the news ask of, and tell to, their consumer. */
export interface NewsHost {
  readonly context: QueueContext;
  readonly logger: Logger;
  readonly epoch: Epoch | undefined;
  readonly keeper: KeeperHost;
  readonly state: QueueState;
  readonly outcomes: Outcomes;
  /** There are jobs, says a message that was meant for one worker. */
  woken(): void;
  /** There may be jobs. */
  wake(): void;
  /** What has not started must not be held any longer. */
  giveBackBuffered(): void;
  /** The lease surely holds again: what waited for that may start. */
  renewed(): void;
  lost(epoch: Epoch): void;
}

/** What a worker hears of its queue and of its own runs: in answers, from its lease keeper, and on its channel. */
export class News {
  readonly #host: NewsHost;

  constructor(host: NewsHost) {
    this.#host = host;
  }

  /**
   * A message on the epoch's channel: (w)ork, a (p)ause, another (c)onfiguration, or a run (t)aken away. What it is the next
   * answer tells.
   */
  fromChannel(epoch: Epoch, message: string): void {
    if (this.#host.epoch !== epoch) return;
    if (message === 'w') this.#host.woken();
    else this.#host.keeper.look(epoch.number);
    // A limit may have been raised.
    if (message === 'c') this.#host.wake();
  }

  fromKeeper(epoch: Epoch, message: FromKeeper): void {
    const { context, logger } = this.#host;
    switch (message.type) {
      case 'renewed':
        this.fromAnswer(epoch, message);
        return this.#host.renewed();
      case 'gone':
        return this.#host.lost(epoch);
      case 'timedOut':
        return this.#host.outcomes.timedOut(message);
      case 'died':
        return this.#host.outcomes.forsaken();
      case 'gaveBack':
        return logger.warn(
          `The event loop was blocked, or Redis did not answer: ${message.count} jobs of queue "${context.name}" that had not started go back, uncharged.`,
        );
      case 'refused':
        return logger.warn(
          `The lease on queue "${context.name}" cannot be renewed, and no job starts until it can be: ${message.reason}`,
        );
      case 'letGo': {
        const minutes = Math.round(message.blockedMs / 6_000) / 10;
        return logger.error(
          `The event loop has been blocked for ${minutes} min: the lease on queue "${context.name}" is let go.`,
        );
      }
    }
  }

  /** What each answer tells beside what was asked. */
  fromAnswer(epoch: Epoch, { bits, pause, taken }: Pick<Renewed, 'bits' | 'pause' | 'taken'>): void {
    this.learnBits(bits);
    if (pause > epoch.permit.pause) this.#pauseChanged(epoch, pause);
    const notices = parseTaken(taken).filter(({ number }) => number > epoch.permit.received);
    for (const notice of notices) {
      epoch.permit.received = notice.number;
      this.#host.outcomes.takenAway(notice);
    }
    // Whoever waits for the end of a run learns of its receipt from a renewal.
    if (notices.length > 0) this.#host.keeper.look(epoch.number);
  }

  learnBits(bits: string): void {
    const { state, logger, context } = this.#host;
    if (!state.learn(bits)) return;
    // What was taken ahead may be less urgent than what has come since, or use up a limit.
    if (state.takesNothingAhead) this.#host.giveBackBuffered();
    if (!state.isKnown) logger.error(context.upgradeRequired(`features "${bits}"`).message);
  }

  #pauseChanged(epoch: Epoch, pause: number): void {
    const { state, keeper } = this.#host;
    epoch.permit.pause = pause;
    state.isPaused = isPausedBy(pause);
    if (state.isPaused) this.#host.giveBackBuffered();
    else this.#host.wake();
    // Whoever waits for the pause to be obeyed learns of it from a renewal.
    keeper.look(epoch.number);
  }
}
