import type { Clock, Timer } from '../clock/index.js';
import { mintNonce } from '../job/nonce.js';
import type { Logger } from '../options/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';
import { SpreadCount } from '../stats/index.js';
import type { Ending } from './ending.js';
import type { Run } from './run.js';

/** What the tally asks of its consumer. */
export interface TallyHost {
  readonly context: QueueContext;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What was counted of the jobs of one name. */
class NameCount {
  completed = 0;
  readonly runs = new SpreadCount();
  readonly waits = new SpreadCount();

  constructor(readonly name: string) {}
}

/** What was counted in a second or so. */
interface Period {
  readonly rows: readonly string[];
  /** When it was over, by the clock of the process. */
  readonly endedAt: number;
}

/** What happened longer ago is a period of its own: it may belong to another minute. */
const PERIOD_MS = 1_000;
const JUST_THE_TIME: Period = Object.freeze({ rows: [], endedAt: Infinity });
/** Names told in one call. */
const MAX_NAMES = 100;
/** Periods that wait for Redis; older ones are given up. */
const MAX_PERIODS = 600;
/** How long stopping waits for what is still to be told. */
const LAST_CALL_MS = 1_000;
/** Ends of attempts of which the time that they ran is counted; those of other letters ended otherwise than by running. */
const RAN = 'cqruft';

/**
 * Counts what became of the attempts of a worker, and tells Redis about once a second: never a call a job. Ends other than
 * success are counted by the core itself; this is about successes, and about times.
 */
export class Tally {
  readonly #host: TallyHost;
  readonly #stopped = new AbortController();
  // One call of this lane is out at a time, and sent again until it is answered: nothing is counted twice.
  // Drawn with the first call: a snapshot of a process that only made a worker has none.
  #laneId: string | undefined;
  #seq = 0;
  #names = new Map<string, NameCount>();
  #last: NameCount | undefined;
  #closesAt = -Infinity;
  #endedAt = 0;
  #timer: Timer | undefined;
  #periods: Period[] = [];
  #telling: Promise<void> | undefined;
  /** What the clock of Redis shows while that of the process shows 0. */
  #redisAhead: number;

  constructor(host: TallyHost) {
    this.#host = host;
    // Until Redis has told its time.
    this.#redisAhead = host.clock.now() - host.clock.monotonic();
  }

  /** Asks Redis for its time: waits are measured from what Redis says to what this process sees. */
  sync(): void {
    this.#periods.push(JUST_THE_TIME);
    void this.#tellAll();
  }

  /** The end of an attempt has been accepted. */
  ended({ hold, attempt }: Run, { letter, durationMs }: Ending): void {
    const endedAt = attempt.startedAt + durationMs;
    if (endedAt > this.#closesAt) this.#begin(endedAt);
    this.#endedAt = endedAt;
    const { envelope, header } = hold;
    const { name } = envelope;
    const count = this.#last?.name === name ? this.#last : this.#countOf(name);
    if (letter === 'c' || letter === 'q') count.completed++;
    if (RAN.includes(letter)) count.runs.add(durationMs);
    if (header.hasHistory) return;
    let due = envelope.createdAt;
    const { runAt, delayMs } = envelope.options;
    if (runAt !== undefined) due = Math.max(due, runAt);
    else if (delayMs !== undefined) due += delayMs;
    count.waits.add(Math.max(0, Math.round(attempt.startedAt + this.#redisAhead - due)));
  }

  /** Tells what is left; not longer than a second. */
  async stop(): Promise<void> {
    this.#timer?.clear();
    this.#close();
    const telling = this.#tellAll();
    const late = this.#host.clock.setTimer(LAST_CALL_MS, () => this.#stopped.abort(), { unref: true });
    await telling;
    late.clear();
    this.#stopped.abort();
  }

  #countOf(name: string): NameCount {
    let count = this.#names.get(name);
    if (count === undefined) this.#names.set(name, (count = new NameCount(name)));
    this.#last = count;
    return count;
  }

  #begin(at: number): void {
    this.#close();
    if (this.#stopped.signal.aborted) return;
    this.#closesAt = at + PERIOD_MS;
    this.#timer ??= this.#host.clock.setTimer(PERIOD_MS, () => this.#due(), { background: true, unref: true });
  }

  #due(): void {
    this.#timer = undefined;
    this.#close();
    void this.#tellAll();
  }

  #close(): void {
    this.#closesAt = -Infinity;
    if (this.#names.size === 0) return;
    const counts = [...this.#names.values()];
    this.#names = new Map();
    this.#last = undefined;
    for (let from = 0; from < counts.length; from += MAX_NAMES) {
      const rows = counts
        .slice(from, from + MAX_NAMES)
        .flatMap(({ name, completed, runs, waits }) => [name, String(completed), runs.encode(), waits.encode()]);
      this.#periods.push({ rows, endedAt: this.#endedAt });
    }
    if (this.#periods.length > MAX_PERIODS) this.#periods.splice(0, this.#periods.length - MAX_PERIODS);
  }

  #tellAll(): Promise<void> {
    this.#telling ??= this.#tellPeriods().finally(() => (this.#telling = undefined));
    return this.#telling;
  }

  async #tellPeriods(): Promise<void> {
    for (let next = this.#periods.shift(); next !== undefined; next = this.#periods.shift()) {
      try {
        await this.#tell(next.rows, next.endedAt);
      } catch (error) {
        const { context, logger } = this.#host;
        logger.debug(`Statistics of queue "${context.name}" could not be told: ${(error as Error).message}`);
      }
    }
  }

  async #tell(rows: readonly string[], endedAt: number): Promise<void> {
    const { context, clock } = this.#host;
    const sentAt = clock.monotonic();
    const age = Math.min(86_400_000, Math.max(0, Math.round(sentAt - endedAt)));
    const args = { now: context.now, laneId: (this.#laneId ??= mintNonce()), seq: ++this.#seq, age, rows };
    const reply = await context.run(scripts.tally, args, { repeatUntilAnswered: this.#stopped.signal });
    if (reply.code !== 'OK') return;
    // As if Redis had looked at its clock in the middle of the call; a slow call says little.
    const tookMs = clock.monotonic() - sentAt;
    const ahead = reply.now - sentAt - tookMs / 2;
    if (tookMs < 50 || rows.length === 0) this.#redisAhead = ahead;
  }
}
