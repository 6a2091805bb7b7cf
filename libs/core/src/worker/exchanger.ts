import type { Clock, Timer } from '../clock/index.js';
import type { ConsumerFacts } from '../options/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts, type Taker } from '../redis/index.js';
import type { ExchangeReply } from '../redis/scripts.generated.js';
import { EndQueue, type PendingEnd } from './end-queue.js';
import { encodeEnding, GIVE_BACK } from './ending.js';
import type { CallSlot, Epoch } from './epoch.js';
import type { Glance } from './glance.js';
import type { Stamp } from './permit.js';
import type { Prefetch } from './prefetch.js';
import { readFates } from './turned.js';

/** What an exchange answers. */
export type Answer = Extract<ExchangeReply, { code: 'OK' }>;

/** What the exchanger asks of, and tells to, its consumer. */
export interface ExchangerHost {
  readonly context: QueueContext;
  readonly clock: Clock;
  readonly glance: Glance;
  readonly prefetch: Prefetch;
  /** The epoch to work under; none while it is being opened. */
  readonly epoch: Epoch | undefined;
  /** How many more jobs could be asked for. */
  readonly room: number;
  /** How many jobs are held when it is full. */
  readonly capacity: number;
  /** How many times as long as else a poll waits. */
  readonly pace: number;
  /**
   * An answer has come: the jobs leased, runs taken away, the queue's bits and pause number. Returns how many of the jobs it
   * could take.
   */
  answered(epoch: Epoch, slot: CallSlot, answer: Answer): number;
  /** All that an answer says is known: there may be something to start, and something to ask for. */
  settled(): void;
  lost(epoch: Epoch): void;
  /** There is something to ask for or to hand in. */
  stir(): void;
  /** Wakes another worker in place of this one, which has no use for the jobs. */
  passOn(): void;
  /** A delayed job is due: it has to be promoted before it can be leased. */
  due(): void;
  /** A call cannot succeed, however often it is sent. */
  broke(epoch: Epoch, error: unknown): void;
}

/** The most that a call may ask for. */
const MAX_WANT = 1_000;
/** One reply of 100 MiB held the server for 680 ms: records are read in chunks of about this much. */
const CHUNK_BYTES = 4_194_304;
const MAX_CHUNK = 250;
/** What a record is taken for until some have been seen. */
const FIRST_MEAN_BYTES = 32_768;
/** How often a dry queue is asked again, in ms: wake-ups are hints, and the upkeep, which sees sooner that there are jobs, may fail. */
const POLL_MS = 5_000;
/** A server that is silent so long must not keep slots from the worker's other queues. */
const RESERVE_MS = 1_000;

/**
 * Exchanges ends of attempts for new jobs: one command for both, made at the end of a tick for all that gathered, two
 * calls in flight at most. When the queue runs dry the worker is parked, and sleeps until it is woken, a delayed job is
 * due, or the poll comes.
 */
export class Exchanger implements Taker {
  readonly #host: ExchangerHost;
  readonly #ends = new EndQueue();
  #asked = 0;
  #meanBytes = FIRST_MEAN_BYTES;
  #isDry = false;
  #isParked = false;
  /** How often jobs were announced: a call that was out then may have looked before they came. */
  #wakes = 0;
  /** For jobs of which nobody else was told. */
  #isWoken = false;
  #isScheduled = false;
  #sleep: Timer | undefined;
  #isClosed = false;
  #lastAnswerAt: number | undefined;
  #fault: string | undefined;

  constructor(host: ExchangerHost) {
    this.#host = host;
  }

  /** How its asking goes. */
  get facts(): Pick<ConsumerFacts, 'lastAnswerAt' | 'wantsJobs' | 'fault'> {
    const wantsJobs = this.#asked > 0 || this.wants > 0;
    return { lastAnswerAt: this.#lastAnswerAt, wantsJobs, fault: this.#fault };
  }

  /** Jobs that were asked for and are not here yet. */
  get asked(): number {
    return this.#asked;
  }

  /** Jobs asked for in calls that are answered soon, as far as that can be told. */
  get expected(): number {
    return this.#asked === 0 || this.isSilent ? 0 : this.#asked;
  }

  /** A call has been out for so long that nobody can tell when it will be answered. */
  get isSilent(): boolean {
    const { epoch, glance } = this.#host;
    const oldestAt = epoch?.calls.oldestAt;
    return oldestAt !== undefined && glance.by(epoch!.permit).monotonic - oldestAt > RESERVE_MS;
  }

  /** The queue had nothing left when it was last asked. */
  get isDry(): boolean {
    return this.#isDry;
  }

  /** Has nothing to hand in and waits for no answer, and the queue had nothing left: until it is woken it does nothing. */
  get isAtRest(): boolean {
    return this.#isDry && !this.#isWoken && this.#asked === 0 && this.#ends.size === 0;
  }

  /** Hands in the end of an attempt. */
  push(end: PendingEnd): void {
    this.#ends.push(end);
    this.schedule();
  }

  /** There may be jobs again. */
  wake(): void {
    this.#announced();
    this.schedule();
  }

  /** A message said so, and took the worker from the set of the parked. Where it can use none, another one shall hear of it. */
  woken(): void {
    this.#isParked = false;
    this.#isWoken = true;
    this.wake();
  }

  get wants(): number {
    return this.#goodEpoch === undefined ? 0 : this.#wanted();
  }

  take(): void {
    this.#announced();
    this.#isWoken = true;
    this.#host.stir();
    // A call that is out may have looked before: then it is asked again when that is answered.
    if (this.#isParked && this.#asked === 0) this.flush();
    else this.schedule();
  }

  /** Sends what there is to send, at the end of this tick. */
  schedule(): void {
    this.#host.stir();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#host.clock.tick(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  /** Forgets what was to be handed in under an epoch that is lost: it would be refused. */
  forget(epoch: Epoch): void {
    for (const { settle } of this.#ends.remove(epoch)) settle('refused');
    this.#isDry = this.#isParked = false;
  }

  /** Sleeps no more, also after an answer that is still to come. */
  close(): void {
    this.#isClosed = true;
    this.#sleep?.clear();
  }

  /** A call that is out may have looked before. */
  #announced(): void {
    this.#wakes++;
    this.#isDry = false;
  }

  /** The epoch under which calls can be made now. */
  get #goodEpoch(): Epoch | undefined {
    const { epoch } = this.#host;
    return epoch === undefined || epoch.isGone || !epoch.permit.isGood ? undefined : epoch;
  }

  /** Sends what there is to send, now. */
  flush(): void {
    const epoch = this.#goodEpoch;
    if (epoch === undefined) return;
    if (this.#isWoken && this.#asked === 0) {
      this.#isWoken = false;
      if (this.#wanted() === 0) this.#host.passOn();
    }
    for (const slot of epoch.slots) {
      if (slot.isBusy) continue;
      // Before its share is worked out: a worker of many queues finds most of them dry.
      if (this.#ends.size === 0 && this.#isDry) return;
      const want = this.#wanted();
      if (this.#ends.size === 0 && want === 0) return;
      const isSecond = epoch.slots.some((other) => other.isBusy);
      // A second call beside one that is out pays only if it carries its share, and finds something.
      if (isSecond && (this.#isParked || 4 * (this.#ends.size + want) < this.#host.capacity)) return;
      void this.#send(epoch, slot, want);
    }
  }

  /** At most half of what can be held, so that two calls share it. */
  #wanted(): number {
    return Math.min(this.#host.room, MAX_WANT, Math.max(1, Math.ceil(this.#host.capacity / 2)));
  }

  async #send(epoch: Epoch, slot: CallSlot, want: number): Promise<void> {
    const { context } = this.#host;
    const ends = this.#ends.take();
    const args = {
      now: context.now,
      epoch: epoch.id,
      slot: String(slot.name),
      seq: ++slot.seq,
      want,
      chunk: Math.max(1, Math.min(MAX_CHUNK, Math.floor(CHUNK_BYTES / this.#meanBytes))),
      park: want === 0 ? 0 : this.#isParked ? 2 : 1,
      received: epoch.permit.received,
      ends: ends.flatMap(({ id, code }) => [id, code]),
    };
    const wakes = this.#wakes;
    const sent = epoch.permit.stamp();
    const sends: number[] = [];
    this.#asked += want;
    epoch.called(slot, sent);
    let reply: ExchangeReply | undefined;
    try {
      // The same call again until it is answered: its number makes that safe.
      reply = await context.run(scripts.exchange, args, {
        repeatUntilAnswered: epoch.gone,
        onSend: (breaks) => sends.push(breaks),
      });
    } catch (error) {
      this.#fault = (error as Error).message;
      if (!epoch.isGone) this.#host.broke(epoch, error);
    }
    this.#asked -= want;
    const isOurs = epoch.over(slot);
    if (reply?.code === 'OK' && reply.jobs.length > 0) epoch.leased();
    if (reply?.code === 'OK' && !epoch.isGone) {
      this.#accept(epoch, slot, ends, sent, isOurs ? reply : this.#withoutJobs(epoch, slot, reply));
      if (want > 0) this.#rest(reply, wakes);
      this.#host.settled();
    } else {
      // An epoch can go between a call that counted, and was not answered, and the same call sent again.
      const isRefused =
        reply?.code === 'EPOCH_GONE' && sends.length === 1 && sends[0] === context.connection.link.breaks;
      if (reply?.code === 'OK') this.#settle(ends, reply);
      else for (const { settle } of ends) settle(isRefused ? 'refused' : 'unknown');
      if (!epoch.isGone) this.#host.lost(epoch);
    }
  }

  #accept(epoch: Epoch, slot: CallSlot, ends: readonly PendingEnd[], sent: Stamp, answer: Answer): void {
    this.#lastAnswerAt = this.#host.clock.now();
    this.#fault = undefined;
    epoch.permit.renewed(sent, epoch.permit.leaseMs);
    this.#host.prefetch.called(this.#host.clock.monotonic() - sent.monotonic);
    this.#measure(answer.jobs);
    // In this order: whoever reconciles must know the jobs of a call before it counts as settled, and whoever is told that
    // an end was refused must know why.
    const taken = this.#host.answered(epoch, slot, answer);
    if (2 * taken < answer.jobs.length) this.#giveBack(epoch, slot, answer.jobs.slice(2 * taken));
    slot.settledSeq = slot.seq;
    this.#settle(ends, answer);
  }

  #settle(ends: readonly PendingEnd[], { refused }: Answer): void {
    const fates = readFates(refused);
    ends.forEach(({ settle }, i) => settle(fates.get(i + 1)));
  }

  /** The keeper has revoked the call. What it has not given back of its jobs goes back now. */
  #withoutJobs(epoch: Epoch, slot: CallSlot, answer: Answer): Answer {
    this.#giveBack(epoch, slot, answer.jobs);
    return { ...answer, jobs: [], headers: [] };
  }

  #giveBack(epoch: Epoch, { name, seq }: CallSlot, jobs: readonly string[]): void {
    const code = encodeEnding(`${name}.${seq}`, '', GIVE_BACK, false);
    for (let i = 0; i < jobs.length; i += 2) {
      this.#ends.push({ epoch, id: jobs[i]!, code, settle: () => {} });
    }
  }

  /** @param wakes how many wake-ups there had been when the call was made */
  #rest({ dry, due }: Answer, wakes: number): void {
    this.#isParked = dry === 1;
    this.#isDry = this.#isParked && wakes === this.#wakes;
    if (this.#isDry && !this.#isClosed) this.#sleepUntil(due);
  }

  #measure(jobs: readonly string[]): void {
    if (jobs.length === 0) return;
    let bytes = 0;
    for (let i = 1; i < jobs.length; i += 2) bytes += jobs[i]!.length;
    const mean = bytes / (jobs.length / 2);
    this.#meanBytes = Math.max(1, mean > this.#meanBytes ? mean : 0.7 * this.#meanBytes + 0.3 * mean);
  }

  #sleepUntil(dueMs: number): void {
    this.#sleep?.clear();
    const { clock, pace } = this.#host;
    const poll = pace * POLL_MS * (1 + Math.random() / 4);
    // Virtual time stops when a job is due and at no poll before.
    const isForDue = dueMs >= 0 && (dueMs < poll || clock.isVirtual);
    const wakeUp = (): void => {
      if (isForDue) this.#host.due();
      this.wake();
    };
    this.#sleep = clock.setTimer(isForDue ? dueMs : poll, wakeUp, { background: !isForDue });
  }
}
