import { expect } from '@jest/globals';

import {
  addChecked,
  cancel,
  get,
  link,
  move,
  promote,
  remove,
  retry,
} from '../../../libs/core/src/redis/scripts.generated.js';
import { DependencyModel, type ModelJob, type Policy } from './dependency-model.js';
import type { TestQueue } from './harness.js';
import { assertInvariants } from './invariants.js';
import { LuaWorker, type Leased } from './lua-worker.js';
import type { Random } from './random.js';
import { body } from './records.js';

const STATES: Readonly<Record<string, string>> = {
  c: 'completed',
  f: 'failed',
  t: 'timed_out',
  b: 'broken',
  x: 'cancelled',
};
/** No test lasts so long. */
const LATER = 1_000_000_000;
const KEPT = 25;

/** Calls drawn by chance on two queues of a slot, each sent again at times; the model is told the same. */
export class DependencyCalls {
  readonly model = new DependencyModel();
  readonly calls: string[] = [];
  readonly #held: Leased[][] = [[], []];
  readonly #workers: LuaWorker[];
  #count = 0;

  constructor(
    private readonly queues: readonly [TestQueue, TestQueue],
    private readonly random: Random,
  ) {
    this.#workers = queues.map((queue) => new LuaWorker(queue, 'E'));
  }

  async open(): Promise<void> {
    for (const worker of this.#workers) await worker.open(LATER);
  }

  async step(): Promise<void> {
    const steps = [
      this.#add,
      this.#add,
      this.#link,
      this.#link,
      this.#unlink,
      this.#replace,
      this.#lease,
      this.#lease,
      this.#end,
    ];
    const others = [
      this.#end,
      this.#end,
      this.#cancel,
      this.#retry,
      this.#retry,
      this.#move,
      this.#remove,
      this.#promote,
    ];
    await this.random.pick([...steps, ...others]).call(this);
  }

  /** Lets all that can run complete. */
  async drain(): Promise<void> {
    for (const job of this.model.jobs.values())
      if (job.state === 'delayed' || job.state === 'retrying') await this.#promoteOne(job);
    for (let left = 1; left > 0;) {
      left = 0;
      for (const [at, worker] of this.#workers.entries()) {
        this.#took(at, await worker.lease(100));
        for (const job of this.#held[at]!.splice(0)) {
          left += 1;
          this.#log('drain', job.id);
          expect((await worker.end(job)).refused).toBe('');
          this.model.end(job.id, 'completed');
        }
      }
      for (const job of this.model.jobs.values()) if (job.state === 'delayed') await this.#promoteOne(job);
    }
  }

  /** Each job is where the model has it, each edge is there at both ends, and all that must be true of the queues is. */
  async compare(): Promise<void> {
    for (const queue of this.queues) await assertInvariants(queue);
    const found = new Map<string, unknown>();
    for (const [at, queue] of this.queues.entries()) {
      const dump = await queue.dump();
      const ids = Object.keys(dump['j'] ?? {});
      const { rows } = ids.length === 0 ? { rows: [] } : await queue.run(get, { ids });
      const edges = (kind: string, id: string): string[] => this.#plain((dump[`${kind}:${id}`] ?? []) as string[]);
      for (const [n, id] of ids.entries())
        found.set(id, {
          queue: at,
          state: rows[n * 10 + 1],
          needs: edges('dl', id),
          open: edges('dd', id),
          failed: edges('df', id),
        });
    }
    const children = (id: string, edge: 'open' | 'failed'): string[] =>
      this.model
        .childrenOf(id, edge)
        .map((child) => child.id)
        .sort();
    const said = [...this.model.jobs.values()].map(({ id, queue, state, needs }): [string, unknown] => [
      id,
      { queue, state, needs: [...needs.keys()].sort(), open: children(id, 'open'), failed: children(id, 'failed') },
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(said));
  }

  /** Ids as the model has them: they are unique over both queues. */
  #plain(refs: readonly string[]): string[] {
    return refs.map((ref) => ref.replace(/^\{[^}]*\}/, '')).sort();
  }

  #log(...parts: readonly unknown[]): void {
    this.calls.push(parts.join(' '));
  }

  #ref(id: string, from: number): string {
    const job = this.model.jobs.get(id);
    return job === undefined || job.queue === from ? id : `{${job.queue === 0 ? 'own' : 'other'}}${id}`;
  }

  #some(most: number): string[] {
    const ids = [...this.model.jobs.keys()];
    const some = Array.from({ length: Math.min(1 + this.random.int(most), ids.length) }, () => this.random.pick(ids));
    return [...new Set(some)];
  }

  #one(isFit: (job: ModelJob) => boolean): ModelJob | undefined {
    const fit = [...this.model.jobs.values()].filter(isFit);
    return fit.length === 0 ? undefined : this.random.pick(fit);
  }

  async #add(): Promise<void> {
    if (this.model.jobs.size >= KEPT) return this.#remove();
    const { random } = this;
    const [id, at, isLater] = [`j${this.#count++}`, random.int(2), random.chance(0.15)];
    const policy = random.pick<Policy>(['f', 'f', 'c', 'b', 'r']);
    const parents = random.chance(0.3) ? [] : this.#some(3);
    this.#log('add', id, 'to', at, policy, parents, isLater);
    const line =
      parents.length === 0 ? '' : `\nd\t${[policy, ...parents.map((parent) => this.#ref(parent, at))].join('\t')}`;
    const rows = [`${id}\tcj,m0${isLater ? `,d${LATER}` : ''}${line}`, body()];
    const queue = this.queues[at]!;
    const [reply, again] = await queue.twice(addChecked, { ...queue.lane(), atomic: 1, rows });
    expect([reply.code, again]).toEqual(['OK', reply]);
    // One without a line says nothing of a policy: the core takes f.
    this.model.add(id, at, parents.length === 0 ? 'f' : policy, parents, isLater);
  }

  /** A job of the same id takes the place of one, also of one that runs. */
  async #replace(): Promise<void> {
    const job = this.#one(() => true);
    if (job === undefined) return;
    const { id, queue: at } = job;
    const policy = this.random.pick<Policy>(['f', 'c', 'b', 'r']);
    const parents = this.#some(3);
    const line = ['d', policy, ...parents.map((parent) => this.#ref(parent, at))].join('\t');
    const queue = this.queues[at]!;
    const call = { ...queue.lane(), atomic: this.random.int(2), rows: [`${id}\tcr,m0,x\n${line}`, body()] };
    const [reply, again] = await queue.twice(addChecked, call);
    expect(again).toEqual(reply);
    this.#log('replace', id, policy, parents, JSON.stringify(reply));
    const isCycle = parents.some((parent) => parent === id || this.model.waitsFor(parent, id));
    const fate = reply.code === 'OK' ? reply.odd.charAt(1) : reply.code === 'REFUSED' ? reply.fate : reply.code;
    expect(fate).toBe(isCycle ? 'W' : 'R');
    if (isCycle) return;
    this.model.replace(id, policy, parents, false);
    for (const run of this.#held[at]!.filter((held) => held.id === id)) await this.#endLate(at, run);
  }

  async #link(): Promise<void> {
    const job = this.#one(({ state }) => state !== 'completed' && state !== 'active');
    if (job === undefined) return;
    const parents = this.#some(2);
    const jobs = parents.map((parent) => this.#ref(parent, job.queue));
    const queue = this.queues[job.queue]!;
    const call = { ...queue.lane(), id: job.id, on: 1, policy: '', jobs };
    const [reply, again] = await queue.twice(link, call);
    expect(again).toEqual(reply);
    const fate = reply.code === 'OK' ? reply.fate : '';
    this.#log('link', job.id, 'to', parents, fate);
    const isCycle = parents.some(
      (parent) => !job.needs.has(parent) && (parent === job.id || this.model.waitsFor(parent, job.id)),
    );
    if (!this.model.isLive(job.id)) return expect(fate).toBe('F');
    if (isCycle) return expect(fate).toBe('C');
    this.model.depend(job.id, parents);
    const letters: Record<string, string> = {
      b: 'blocked',
      w: 'waiting',
      d: 'delayed',
      r: 'retrying',
      f: 'failed',
      x: 'cancelled',
    };
    expect(letters[fate]).toBe(job.state);
  }

  async #unlink(): Promise<void> {
    const job = this.#one(({ state }) => state === 'blocked');
    if (job === undefined) return;
    const on = this.random.chance(0.2) ? 2 : 0;
    const parents = on === 2 ? [...job.said] : [this.random.pick([...job.needs.keys()])];
    // A parent that is gone is named as it was when it was there.
    const dump = await this.queues[job.queue]!.dump();
    const named = (dump[`dl:${job.id}`] as string[]).filter((ref) => parents.includes(ref.replace(/^\{[^}]*\}/, '')));
    const queue = this.queues[job.queue]!;
    const [reply, again] = await queue.twice(link, {
      ...queue.lane(),
      id: job.id,
      on,
      policy: '',
      jobs: on === 2 ? [] : named,
    });
    expect(again).toEqual(reply);
    this.#log('unlink', job.id, 'from', parents, JSON.stringify(reply));
    this.model.undepend(job.id, parents);
  }

  #took(at: number, jobs: readonly Leased[]): void {
    for (const { id } of jobs) {
      expect([id, this.model.of(id).state]).toEqual([id, 'waiting']);
      this.model.of(id).state = 'active';
    }
    this.#held[at]!.push(...jobs);
  }

  async #lease(): Promise<void> {
    const at = this.random.int(2);
    const jobs = await this.#workers[at]!.lease(1 + this.random.int(3));
    this.#log(
      'lease',
      at,
      jobs.map(({ id }) => id),
    );
    this.#took(at, jobs);
  }

  async #end(): Promise<void> {
    const at = this.random.int(2);
    const held = this.#held[at]!;
    if (held.length === 0) return;
    const [job] = held.splice(this.random.int(held.length), 1);
    const { id } = job!;
    const letter = this.random.pick(['c', 'c', 'c', 'f', 't', 'b', 'x', 'r', 'g']);
    this.#log('end', id, letter);
    const text = `${letter}1\t${letter === 'r' ? LATER : ''}\t\t"${id}"`;
    expect((await this.#workers[at]!.end(job, text)).refused).toBe('');
    if (letter === 'r' || letter === 'g') this.model.goOn(id, letter === 'r' ? 'retrying' : 'waiting');
    else this.model.end(id, STATES[letter]!);
  }

  async #cancel(): Promise<void> {
    const at = this.random.int(2);
    const ids = this.#some(4).filter((id) => this.model.of(id).queue === at);
    if (ids.length === 0) return;
    const dependents = this.random.pick(['r', 'c', 'p']);
    const queue = this.queues[at]!;
    const [reply, again] = await queue.twice(cancel, { ...queue.lane(), dependents, others: [], ids });
    expect(again).toEqual(reply);
    this.#log('cancel', ids, dependents, reply.code);
    const isRefused = dependents === 'r' && this.model.orphans(ids, at).length > 0;
    expect(reply.code).toBe(isRefused ? 'REFUSED' : 'OK');
    if (isRefused) return;
    this.model.cancel(ids, dependents === 'p' ? 'failed' : 'cascade');
    for (const job of this.#held[at]!.filter(({ id }) => ids.includes(id))) await this.#endLate(at, job);
  }

  /** The end of a run that was taken away changes nothing. */
  async #endLate(at: number, job: Leased): Promise<void> {
    this.#held[at]!.splice(this.#held[at]!.indexOf(job), 1);
    expect((await this.#workers[at]!.end(job)).refused).toBe('1');
  }

  async #retry(): Promise<void> {
    const at = this.random.int(2);
    const over = [...this.model.jobs.values()].filter((job) => job.queue === at && !this.model.isLive(job.id));
    const ids = over.map(({ id }) => id).filter(() => this.random.chance(0.4));
    if (ids.length === 0) return;
    if (this.random.chance(0.5)) ids.reverse();
    this.#log('retry', ids);
    const queue = this.queues[at]!;
    await queue.twice(retry, { ...queue.lane(), ids });
    this.model.retry(ids);
  }

  async #move(): Promise<void> {
    const job = this.#one(({ state }) => state !== 'active');
    if (job === undefined) return;
    const to = this.random.int(2);
    this.#log('move', job.id, 'to', to);
    const queue = this.queues[job.queue]!;
    const change = { id: job.id, queue: to === 0 ? 'own' : 'other', how: '', name: '', hasData: 0, data: '' };
    await queue.twice(move, { ...queue.lane(), ...change });
    this.model.move(job.id, to);
  }

  async #remove(): Promise<void> {
    const job = this.#one(({ state }) => state !== 'active');
    if (job === undefined) return;
    this.#log('remove', job.id);
    const queue = this.queues[job.queue]!;
    await queue.twice(remove, { ...queue.lane(), ids: [job.id] });
    this.model.remove(job.id);
  }

  async #promote(): Promise<void> {
    const job = this.#one(({ state }) => state === 'delayed' || state === 'retrying');
    if (job !== undefined) await this.#promoteOne(job);
  }

  async #promoteOne(job: ModelJob): Promise<void> {
    this.#log('promote', job.id);
    const queue = this.queues[job.queue]!;
    await queue.twice(promote, { ...queue.lane(), ids: [job.id] });
    this.model.promote(job.id);
  }
}
