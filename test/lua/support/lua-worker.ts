import * as scripts from '../../../libs/core/src/redis/scripts.generated.js';
import type { LuaQueue } from './lua-queue.js';

/** A job as an exchange handed it out. */
export interface Leased {
  readonly id: string;
  readonly envelope: string;
  readonly header: string | undefined;
  /** What proves that this run is the one that holds the job. */
  readonly token: string;
}

/** A job that a test says it holds; none if the lease did not give it, which fails the call. */
export type Held = { readonly id: string; readonly token: string } | undefined;

/** An exchange, in part; the rest has values that ask for nothing. */
export interface ExchangeSketch {
  readonly slot?: string;
  /** Without it, one more than the last of the slot. */
  readonly seq?: number;
  readonly want?: number;
  readonly chunk?: number;
  readonly park?: number;
  readonly received?: number;
  /** Ends as `[job or id and token, what follows the token]`, such as `[job, '12']` or `[job, 'g0\t0\t\t']`. */
  readonly ends?: readonly (readonly [Held, string])[];
}

export type ExchangeReply = scripts.ExchangeReply;
export type Answered = Extract<ExchangeReply, { code: 'OK' }> & { readonly leased: readonly Leased[] };

/** One epoch of a worker that does what its test says. */
export class LuaWorker {
  readonly #seqs = new Map<string, number>();

  constructor(
    readonly queue: LuaQueue,
    readonly epoch: string,
  ) {}

  open(lease = 30_000, version = 1): Promise<scripts.OpenReply> {
    return this.queue.run(scripts.open, { epoch: this.epoch, version, lease, info: `{"name":"${this.epoch}"}` });
  }

  /** The reply of an exchange, whatever it is. */
  async call(sketch: ExchangeSketch = {}): Promise<ExchangeReply> {
    const { slot = '0', want = 0, chunk = 100, park = 0, received = 0, ends = [] } = sketch;
    const seq = sketch.seq ?? this.lastSeq(slot) + 1;
    this.#seqs.set(slot, Math.max(seq, this.lastSeq(slot)));
    const rows = ends.flatMap(([job, code]) => [present(job).id, `${present(job).token}\t${code}`]);
    return this.queue.run(scripts.exchange, { epoch: this.epoch, slot, seq, want, chunk, park, received, ends: rows });
  }

  /** An exchange that is expected to be answered with OK. */
  async exchange(sketch: ExchangeSketch = {}): Promise<Answered> {
    const reply = await this.call(sketch);
    if (reply.code !== 'OK') throw new Error(`exchange of ${this.epoch} answered ${reply.code}`);
    const { slot = '0' } = sketch;
    return { ...reply, leased: readLeased(reply, `${slot}.${sketch.seq ?? this.lastSeq(slot)}`) };
  }

  /** Leases `want` jobs in a call that hands in nothing. */
  async lease(want: number, slot = '0'): Promise<readonly Leased[]> {
    return (await this.exchange({ want, slot })).leased;
  }

  /** Leases one job, which must be there. */
  async leaseOne(slot = '0'): Promise<Leased> {
    const [job] = await this.lease(1, slot);
    if (job === undefined) throw new Error('no job is ready');
    return job;
  }

  /** Ends one job: `code` is what follows the token. */
  end(job: Held, code = '5'): Promise<Answered> {
    return this.exchange({ ends: [[job, code]] });
  }

  start(...jobs: readonly Held[]): Promise<scripts.StartReply> {
    return this.queue.run(scripts.start, {
      epoch: this.epoch,
      rows: jobs.flatMap((job) => [present(job).id, present(job).token]),
    });
  }

  renew(sketch: { lease?: number; received?: number; pause?: number } = {}): Promise<scripts.RenewReply> {
    const { lease = 30_000, received = 0, pause = 0 } = sketch;
    return this.queue.run(scripts.renew, { epoch: this.epoch, lease, received, pause });
  }

  close(): Promise<scripts.CloseReply> {
    return this.queue.run(scripts.close, { epoch: this.epoch });
  }

  lastSeq(slot = '0'): number {
    return this.#seqs.get(slot) ?? 0;
  }
}

function readLeased({ jobs, headers }: Extract<ExchangeReply, { code: 'OK' }>, token: string): Leased[] {
  const headerOf = new Map<number, string>();
  for (let i = 0; i < headers.length; i += 2) headerOf.set(Number(headers[i]), headers[i + 1] ?? '');
  const leased: Leased[] = [];
  for (let i = 0; i < jobs.length; i += 2) {
    leased.push({ id: jobs[i] ?? '', envelope: jobs[i + 1] ?? '', header: headerOf.get(i / 2 + 1), token });
  }
  return leased;
}

function present(job: Held): NonNullable<Held> {
  if (job === undefined) throw new Error('the job that the test hands in was not leased');
  return job;
}

/** Each job with the code of its end. */
export function zip(jobs: readonly Held[], codes: readonly string[]): (readonly [Held, string])[] {
  if (jobs.length !== codes.length) throw new Error(`${jobs.length} jobs and ${codes.length} codes`);
  return jobs.map((job, i) => [job, codes[i] ?? ''] as const);
}
