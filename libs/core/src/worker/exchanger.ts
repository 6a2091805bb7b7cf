import type { Clock, Timer } from '../clock/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';
import type { ExchangeReply } from '../redis/scripts.generated.js';
import type { CallSlot, Epoch } from './epoch.js';

type Answer = Extract<ExchangeReply, { code: 'OK' }>;

/** What the exchanger asks of, and tells to, its consumer. */
export interface ExchangerHost {
  readonly context: QueueContext;
  readonly clock: Clock;
  /** The epoch to work under; none while it is being opened. */
  readonly epoch: Epoch | undefined;
  /** How many more jobs could be held, those already asked for not counted. */
  readonly room: number;
  /** How many jobs are held when it is full. */
  readonly capacity: number;
  /** An answer has come: the jobs leased, runs taken away, the queue's bits and pause number. */
  answered(epoch: Epoch, slot: CallSlot, answer: Answer): void;
  lost(epoch: Epoch): void;
  /** A delayed job is due: it has to be promoted before it can be leased. */
  due(): void;
  failed(error: unknown): void;
}

interface PendingEnd {
  readonly epoch: Epoch;
  readonly id: string;
  readonly code: string;
  readonly settle: (isAccepted: boolean) => void;
}

const MAX_ENDS = 500;
const MAX_CHARS = 1_048_576;
/** One reply of 100 MiB held the server for 680 ms: records are read in chunks of about this much. */
const CHUNK_BYTES = 4_194_304;
const MAX_CHUNK = 250;
/** The floor of polling, in ms, and how much is added at random. Wake-ups are hints; this is what is sure. */
const POLL_MS = 1_000;
const POLL_JITTER_MS = 1_000;

/**
 * Exchanges ends of attempts for new jobs: one command for both, made at the end of a tick for all that gathered, two
 * calls in flight at most. When the queue runs dry the worker is parked, and sleeps until it is woken, a delayed job is
 * due, or the poll comes.
 */
export class Exchanger {
  readonly #host: ExchangerHost;
  readonly #ends: PendingEnd[] = [];
  #endChars = 0;
  #asked = 0;
  #meanBytes = 32_768;
  #isDry = false;
  #isParked = false;
  /** How often jobs were announced: a call that was out then may have looked before they came. */
  #wakes = 0;
  #isScheduled = false;
  #sleep: Timer | undefined;

  constructor(host: ExchangerHost) {
    this.#host = host;
  }

  /** Hands in the end of an attempt; `settle` tells whether it counted. */
  push(end: PendingEnd): void {
    this.#ends.push(end);
    this.#endChars += end.code.length;
    this.schedule();
  }

  /** There may be jobs again. */
  wake(): void {
    this.#wakes++;
    this.#isDry = false;
    this.schedule();
  }

  /** A message said so, and took the worker from the set of the parked. False if it cannot use it. */
  woken(): boolean {
    this.#isParked = false;
    this.wake();
    return this.#host.room > this.#asked;
  }

  /** Sends what there is to send, at the end of this tick. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#host.clock.tick(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  /** Forgets what was to be handed in under an epoch that is lost: it would be refused. */
  forget(epoch: Epoch): void {
    for (const end of this.#ends.filter((end) => end.epoch === epoch)) this.#drop(end);
    this.#isDry = this.#isParked = false;
  }

  close(): void {
    this.#sleep?.clear();
  }

  #drop(end: PendingEnd): void {
    this.#ends.splice(this.#ends.indexOf(end), 1);
    this.#endChars -= end.code.length;
    end.settle(false);
  }

  #flush(): void {
    const { epoch } = this.#host;
    if (epoch === undefined || epoch.isGone || !epoch.permit.isGood) return;
    for (const slot of epoch.slots) {
      if (slot.isBusy) continue;
      const want = this.#wanted();
      if (this.#ends.length === 0 && (want === 0 || this.#isDry)) return;
      const isSecond = epoch.slots.some((other) => other.isBusy);
      // A second call beside one that is out pays only if it carries its share.
      if (isSecond && 4 * (this.#ends.length + want) < this.#host.capacity) return;
      void this.#send(epoch, slot, want);
    }
  }

  /** At most half of what can be held, so that two calls share it. */
  #wanted(): number {
    const room = Math.max(0, this.#host.room - this.#asked);
    return Math.min(room, Math.max(1, Math.ceil(this.#host.capacity / 2)));
  }

  async #send(epoch: Epoch, slot: CallSlot, want: number): Promise<void> {
    const ends = this.#takeEnds();
    const args = {
      now: this.#host.context.now,
      epoch: epoch.id,
      slot: String(slot.name),
      seq: ++slot.seq,
      want,
      chunk: Math.max(1, Math.min(MAX_CHUNK, Math.floor(CHUNK_BYTES / this.#meanBytes))),
      park: want === 0 ? 0 : this.#isParked ? 2 : 1,
      received: epoch.permit.received,
      ends: ends.flatMap(({ id, code }) => [id, code]),
    };
    slot.isBusy = true;
    this.#asked += want;
    const wakes = this.#wakes;
    const sent = epoch.permit.stamp();
    slot.sentAt = sent.monotonic;
    this.#noteUnsettled(epoch);
    try {
      // The same call again until it is answered: its number makes that safe.
      const reply = await this.#host.context.run(scripts.exchange, args, { repeatUntilAnswered: epoch.gone });
      this.#asked -= want;
      slot.isBusy = false;
      this.#noteUnsettled(epoch);
      if (reply.code === 'OK') this.#accept(epoch, slot, { ends, want, wakes, sent }, reply);
      else this.#refused(epoch, ends);
    } catch (error) {
      this.#asked -= want;
      slot.isBusy = false;
      for (const { settle } of ends) settle(false);
      if (!epoch.isGone) {
        // Whether it was executed is unknown, and it cannot be asked again: only a new epoch is sure.
        this.#host.failed(error);
        this.#host.lost(epoch);
      }
    }
  }

  #accept(epoch: Epoch, slot: CallSlot, { ends, want, wakes, sent }: SentCall, answer: Answer): void {
    slot.settledSeq = slot.seq;
    epoch.permit.renewed(sent, epoch.permit.leaseMs);
    this.#measure(answer.jobs);
    const refused = answer.refused === '' ? [] : answer.refused.split(',').map(Number);
    ends.forEach(({ settle }, i) => settle(!refused.includes(i + 1)));
    if (want > 0) {
      this.#isParked = answer.dry === 1;
      this.#isDry = this.#isParked && wakes === this.#wakes;
      if (this.#isDry) this.#sleepUntil(answer.due);
    }
    this.#host.answered(epoch, slot, answer);
    this.schedule();
  }

  #refused(epoch: Epoch, ends: readonly PendingEnd[]): void {
    for (const { settle } of ends) settle(false);
    if (!epoch.isGone) this.#host.lost(epoch);
  }

  #takeEnds(): PendingEnd[] {
    if (this.#ends.length <= MAX_ENDS && this.#endChars <= MAX_CHARS) {
      this.#endChars = 0;
      return this.#ends.splice(0);
    }
    let count = 0;
    for (let chars = 0; count < MAX_ENDS && count < this.#ends.length; count++) {
      chars += this.#ends[count]!.code.length;
      if (count > 0 && chars > MAX_CHARS) break;
      this.#endChars -= this.#ends[count]!.code.length;
    }
    return this.#ends.splice(0, count);
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
    const { clock } = this.#host;
    const poll = POLL_MS + Math.random() * POLL_JITTER_MS;
    // Virtual time stops when a job is due and at no poll before.
    const isForDue = dueMs >= 0 && (dueMs < poll || clock.isVirtual);
    const wakeUp = (): void => {
      if (isForDue) this.#host.due();
      this.wake();
    };
    this.#sleep = clock.setTimer(isForDue ? dueMs : poll, wakeUp, { background: !isForDue });
  }

  /** Tells the lease keeper since when the oldest call has been out. */
  #noteUnsettled(epoch: Epoch): void {
    const since = epoch.slots.flatMap(({ isBusy, sentAt }) => (isBusy ? [sentAt] : []));
    epoch.permit.unsettledSince = since.length === 0 ? undefined : Math.min(...since);
  }
}

/** What is remembered of a call until its answer comes. */
interface SentCall {
  readonly ends: readonly PendingEnd[];
  readonly want: number;
  readonly wakes: number;
  readonly sent: ReturnType<Epoch['permit']['stamp']>;
}
