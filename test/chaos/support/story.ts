import type { Ended, Leased, LedgerEntry, Left, Placed, Stored } from '../evidence/entries.ts';
import type { ChaosLine, Intent } from '../lines.ts';
import { QUEUES } from '../programs/work.ts';
import type { Evidence, FaultSpan } from '../verdict/evidence.ts';

type Extra<T> = Partial<Omit<T, 'op' | 'type' | 'id' | 'n'>>;

/** A history that is made up, step by step; time goes on by 10 ms a step. */
export class Story {
  readonly lines: ChaosLine[] = [];
  readonly ledger: LedgerEntry[] = [];
  readonly faults: FaultSpan[] = [];
  readonly leftovers: string[] = [];
  readonly homes = new Map<string, readonly string[]>();
  readonly queue: string;
  now = 1_000_000;
  readonly #groups = new Map<string, string>();
  #turn = 0;
  #runs = 0;

  constructor(queue: string = QUEUES.plain) {
    this.queue = queue;
    for (const worker of ['worker-1.1', 'worker-2.1'])
      this.ledger.push({ type: 'opened', epoch: `of-${worker}`, by: worker, ...this.#entry() });
  }

  get evidence(): Evidence {
    const { lines, ledger, faults, leftovers, homes } = this;
    return { lines, ledger, faults, leftovers, homes, leaseMs: 2_000 };
  }

  /** A producer asks for a job. */
  ask(n: string, extra: Extra<Intent> = {}): this {
    return this.#line({ op: 'add', n, queue: this.queue, fate: 'completed', ...extra }, 'producer-1.1');
  }

  /** It is told that it has it, or why not. */
  answer(n: string, op: 'added' | 'kept' | 'refused' | 'unknown' = 'added', id = n): this {
    if (op === 'added' || op === 'kept') return this.#line({ op, n, queue: this.queue, id }, 'producer-1.1');
    return this.#line({ op, n, queue: this.queue, detail: 'SOME_CODE' }, 'producer-1.1');
  }

  store(id: string, extra: Partial<Stored> = {}): this {
    this.homes.set(`${this.queue}/${id}`, ['r']);
    if (extra.group !== undefined) this.#groups.set(id, extra.group);
    return this.#record({ type: 'stored', id, n: id, ...extra });
  }

  /** A job that was asked for, stored and acknowledged. */
  add(id: string, extra: Partial<Stored> = {}): this {
    return this.ask(id).store(id, extra).answer(id);
  }

  lease(id: string, worker = 'worker-1.1', extra: Extra<Leased> = {}): this {
    this.#record({ type: 'leased', id, epoch: `of-${worker}`, token: `0.${++this.#turn}`, ...extra });
    return this.place(id, 'placed');
  }

  /** A run begins; its name is the last that {@link run} gave. */
  start(id: string, worker = 'worker-1.1', detail?: string, n = id): this {
    this.#runs += 1;
    return this.#line({ op: 'start', id, queue: this.queue, run: this.run, n, ...(detail && { detail }) }, worker);
  }

  /** The name of the latest run. */
  get run(): string {
    return `run-${this.#runs}`;
  }

  leave(id: string, how: Left['how'], worker = 'worker-1.1', extra: Extra<Left> = {}): this {
    return this.keep(id, how, worker, extra).place(id, 'displaced');
  }

  /** It leaves, and keeps its place in its group. */
  keep(id: string, how: Left['how'], worker = 'worker-1.1', extra: Extra<Left> = {}): this {
    return this.#record({ type: 'left', id, epoch: `of-${worker}`, how, ...extra });
  }

  /** Its place in its group, if it is in one, is taken or free from the latest command on. */
  place(id: string, type: Placed['type']): this {
    const group = this.#groups.get(id);
    if (group !== undefined) this.ledger.push({ type, id, group, turn: this.#turn, at: this.now, queue: this.queue });
    return this;
  }

  /** It ends, by the latest run unless another is named. */
  end(id: string, worker = 'worker-1.1', extra: Extra<Ended> = {}): this {
    const run = extra.run ?? this.run;
    this.leave(id, 'ended', worker, { run });
    return this.over(id, { run, ...extra });
  }

  /** It ends, from wherever it was. */
  over(id: string, extra: Extra<Ended> = {}): this {
    this.homes.set(`${this.queue}/${id}`, ['fc']);
    return this.#record({ type: 'ended', id, letter: 'c', ...extra });
  }

  /** A worker is told what became of its latest run, or a producer is given a result. */
  tell(id: string, op: 'success' | 'failure' | 'lost' | 'result', run = this.run, by = 'worker-1.1'): this {
    return this.#line({ op, id, queue: this.queue, run }, by);
  }

  /** All of it, as it should be. */
  complete(id: string, worker = 'worker-1.1', n = id): this {
    return this.lease(id, worker).start(id, worker, undefined, n).end(id, worker).tell(id, 'success', this.run, worker);
  }

  /** A producer asks for the end of a job, and is told what came of it, if anything. */
  cancel(id: string, detail?: string): this {
    this.#line({ op: 'cancel', id, queue: this.queue }, 'producer-1.1');
    return detail === undefined ? this : this.#line({ op: 'cancelled', id, queue: this.queue, detail }, 'producer-1.1');
  }

  /** A schedule, and a job of it for each of these times. */
  schedule(n: string, everyMs: number, ...times: readonly number[]): this {
    this.#line({ op: 'schedule', n, queue: this.queue, everyMs }, 'run');
    for (const time of times) this.store(`${n}@${time}`, { n }).complete(`${n}@${time}`, 'worker-1.1', n);
    return this;
  }

  fault(kind: string, victims: FaultSpan['victims'], canTakeLease = true): this {
    this.faults.push({ kind, victims, from: this.now, to: this.now, canTakeLease });
    return this;
  }

  pass(ms: number): this {
    this.now += ms;
    return this;
  }

  #record(said: object): this {
    this.ledger.push({ ...this.#entry(), ...said } as LedgerEntry);
    return this;
  }

  #entry(): { turn: number; at: number; queue: string } {
    this.#turn += 1;
    this.now += 10;
    return { turn: this.#turn, at: this.now, queue: this.queue };
  }

  #line(said: object, by: string): this {
    this.now += 10;
    this.lines.push({ at: this.now, pid: 1, by, ...said } as ChaosLine);
    return this;
  }
}
