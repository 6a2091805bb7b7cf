import { CancelError, LeaseLostError } from '../errors/index.js';
import type { Logger } from '../options/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { ByPlace } from './by-place.js';
import type { PendingEnd } from './end-queue.js';
import { encodeEnding, type Ending } from './ending.js';
import type { Hold } from './hold.js';
import type { JobLog } from './job-log.js';
import type { KeeperHost } from './keeper/keeper-host.js';
import type { TimedOut } from './keeper/messages.js';
import type { QueueState } from './queue-state.js';
import type { Reporter } from './reporter.js';
import type { Run } from './run.js';
import type { Runner } from './runner.js';
import type { Stock } from './stock.js';
import type { TakenRun } from './taken.js';
import type { Tally } from './tally.js';
import { trueEnding, type EndFate } from './turned.js';
import type { Verdict } from './verdict.js';

/** What the outcomes ask of, and tell to, their consumer. */
export interface OutcomesHost {
  readonly context: QueueContext;
  readonly stock: Stock;
  readonly state: QueueState;
  readonly runner: Runner;
  readonly reporter: Reporter;
  readonly verdict: Verdict;
  readonly log: JobLog | undefined;
  readonly logger: Logger;
  readonly tally: Tally;
  readonly keeper: KeeperHost;
  push(end: PendingEnd): void;
  /** The slot of a run can be used again. */
  free(): void;
  /** An end was answered, or hooks were told. */
  changed(): void;
}

/** Hands in how attempts ended, and tells the hooks once Redis has answered. */
export class Outcomes {
  readonly #host: OutcomesHost;
  /** Ended, and the answer is not here yet. */
  readonly #unanswered = new ByPlace<Hold>();
  /** Taken away after their attempts had ended. */
  readonly #cancelled = new WeakSet<Hold>();
  /** Ended by the keeper at their deadlines; it will say what Redis answered. */
  readonly #leftToKeeper = new Map<string, Run>();
  #telling = 0;

  constructor(host: OutcomesHost) {
    this.#host = host;
  }

  /** Nothing waits for an answer or for a hook. */
  get isIdle(): boolean {
    return this.#unanswered.size === 0 && this.#leftToKeeper.size === 0 && this.#telling === 0;
  }

  /** Held until their ends are answered, be it this thread that hands them in or the keeper. */
  get unanswered(): readonly Hold[] {
    return [...this.#unanswered, ...Array.from(this.#leftToKeeper.values(), ({ hold }) => hold)];
  }

  /** An attempt has ended, by itself or at its deadline. */
  ended(run: Run, ending: Ending): void {
    const { stock, reporter } = this.#host;
    const { hold } = run;
    if (!stock.end(hold)) {
      // A keeper whose thread has died tells nobody any more.
      if (this.#host.keeper.place === 'thread') this.#leftToKeeper.set(keyOf(hold), run);
      else this.#tell(this.#unknown(run), undefined);
      return this.#free(hold);
    }
    const isHeard = reporter.hears(ending);
    if (!isHeard) this.#free(hold);
    this.handIn(hold, ending, (fate) => {
      const isAccepted = fate === 'unknown' ? undefined : fate !== 'refused';
      const ended = trueEnding(run, ending, fate);
      if (isAccepted) {
        this.#host.tally.ended(run, ended);
        this.#host.log?.ended(run, ended);
      }
      if (isHeard || fate !== undefined) this.#tell(this.#report(run, ended, isAccepted), isHeard ? hold : undefined);
    });
  }

  /** Hands in the end of a hold that has left the stock. */
  handIn(hold: Hold, ending: Ending, settle?: (fate: EndFate) => void): void {
    const { isHeardOf } = this.#host.state;
    const name = isHeardOf || ending.letter !== 'c' ? hold.envelope.name : '';
    this.#unanswered.put(hold.place, hold);
    this.#host.push({
      epoch: hold.epoch,
      id: hold.id,
      unit: hold.unit,
      code: encodeEnding(hold.token, name, ending, isHeardOf),
      settle: (fate) => {
        this.#unanswered.remove(hold.place, hold);
        this.#host.stock.answered(hold);
        settle?.(fate);
        this.#host.changed();
      },
    });
  }

  /** A run was cancelled, replaced, or taken back to run again, from outside. */
  takenAway({ id, token, reason }: TakenRun): void {
    const { context, runner, reporter, stock } = this.#host;
    const run = runner.find(id, token);
    if (run !== undefined) {
      const isExpired = reason === 'expired';
      this.#drop(
        run,
        isExpired
          ? new LeaseLostError(context.name, id, 'because somebody ended it')
          : new CancelError(`Job ${context.name}/${id} was ${reason}.`),
      );
      this.#host.log?.killed(run, reason);
      return this.#tell(isExpired ? reporter.lost(run) : reporter.cancelled(run), run.hold);
    }
    if (reason === 'expired') return stock.remove(id, token);
    for (const hold of this.#unanswered) if (hold.id === id && hold.token === token) this.#cancelled.add(hold);
    stock.remove(id, token);
  }

  /** The keeper has ended an attempt at its deadline, while this thread was blocked. */
  timedOut({ id, token, isAccepted }: TimedOut): void {
    const { runner, verdict } = this.#host;
    const running = runner.find(id, token);
    const run = running ?? this.#leftToKeeper.get(keyOf({ id, token }));
    if (run === undefined) return;
    this.#leftToKeeper.delete(keyOf(run.hold));
    if (running !== undefined) this.#drop(running, running.attempt.timeoutError());
    const ending = verdict.onDeadline(run);
    if (isAccepted) {
      this.#host.tally.ended(run, ending);
      this.#host.log?.ended(run, ending);
    }
    this.#tell(this.#report(run, ending, isAccepted), running?.hold);
  }

  /** The lease is lost, and all runs with it. */
  lost(): void {
    const { context, runner, reporter } = this.#host;
    for (const run of [...runner.runs]) {
      this.#drop(run, new LeaseLostError(context.name, run.hold.id));
      this.#host.log?.lost(run);
      this.#tell(reporter.lost(run), run.hold);
    }
    this.forsaken();
  }

  /** Nobody will tell any more what Redis answered to the keeper. What it still holds of these goes back by reconciling. */
  forsaken(): void {
    for (const run of this.#leftToKeeper.values()) this.#tell(this.#unknown(run), undefined);
    this.#leftToKeeper.clear();
  }

  /** Whether its end counted nobody knows. No hook is told, as none would be if the process had died: what they hear is true. */
  async #unknown({ job }: Run): Promise<void> {
    this.#host.logger.warn(
      `Whether the end of job ${job.queue}/${job.id} counted is not known: Redis did not answer before the worker stopped or lost its lease. If it did not count, the job runs again.`,
      { queue: job.queue, job: job.id },
    );
  }

  #drop(run: Run, reason: Error): void {
    this.#host.runner.abandon(run, reason);
    this.#host.stock.drop(run.hold);
  }

  #report(run: Run, ending: Ending, isAccepted: boolean | undefined): Promise<void> {
    const { reporter } = this.#host;
    if (isAccepted === undefined) return this.#unknown(run);
    if (isAccepted) return reporter.settled(run, ending);
    return this.#cancelled.has(run.hold) ? reporter.cancelled(run) : reporter.lost(run);
  }

  /** The jobs of a batch have one slot. */
  #free({ unit }: Hold): void {
    if (unit === undefined || unit.told()) this.#host.free();
  }

  /** A slot stays taken until the hooks have been told. @param hold that has one */
  #tell(told: Promise<void>, hold: Hold | undefined): void {
    this.#telling++;
    void told.finally(() => {
      this.#telling--;
      if (hold !== undefined) this.#free(hold);
      this.#host.changed();
    });
  }
}

function keyOf({ id, token }: Pick<Hold, 'id' | 'token'>): string {
  return `${token}\t${id}`;
}
