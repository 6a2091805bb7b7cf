export type Policy = 'f' | 'c' | 'b' | 'r';
/** Of an edge: the parent goes on, has failed, or is gone. */
type Edge = 'open' | 'failed' | 'dead';
/** What children are told of a parent that ended otherwise than completed. */
type Fall = 'failed' | 'cascade' | 'removed';

export interface ModelJob {
  readonly id: string;
  policy: Policy;
  queue: number;
  state: string;
  /** It has a time of its own, which does not come. */
  isLater: boolean;
  /** All that it was said to depend on. */
  readonly said: Set<string>;
  /** What it waits for, and what has failed it. */
  readonly needs: Map<string, Edge>;
}

const FINAL: ReadonlySet<string> = new Set(['completed', 'failed', 'timed_out', 'broken', 'cancelled']);

/** Jobs that depend on one another, as the documents say what becomes of them: without Redis, without bounds. */
export class DependencyModel {
  readonly jobs = new Map<string, ModelJob>();

  of(id: string): ModelJob {
    const job = this.jobs.get(id);
    if (job === undefined) throw new Error(`the model has no job ${id}`);
    return job;
  }

  isLive(id: string): boolean {
    const job = this.jobs.get(id);
    return job !== undefined && !FINAL.has(job.state);
  }

  /** Those that still wait for a job, or that it has failed. */
  childrenOf(parent: string, edge: Edge): ModelJob[] {
    return [...this.jobs.values()].filter(({ needs }) => needs.get(parent) === edge);
  }

  add(id: string, queue: number, policy: Policy, parents: readonly string[], isLater: boolean): void {
    const job = { id, policy, queue, state: 'new', isLater, said: new Set<string>(), needs: new Map<string, Edge>() };
    this.jobs.set(id, job);
    this.#link(job, parents);
    if (job.state === 'new') this.#release(job);
  }

  /** Another job under the same id: those that waited for the old one wait for it. */
  replace(id: string, policy: Policy, parents: readonly string[], isLater: boolean): void {
    const old = this.of(id);
    const wasOver = FINAL.has(old.state);
    const job = {
      id,
      policy,
      queue: old.queue,
      state: 'new',
      isLater,
      said: new Set<string>(),
      needs: new Map<string, Edge>(),
    };
    this.jobs.set(id, job);
    if (wasOver) this.#reopenAfter(job);
    this.#link(job, parents);
    if (job.state === 'new') this.#release(job);
  }

  /** Whether a job waits for another one, over however many between them. */
  waitsFor(id: string, other: string): boolean {
    const needs = this.jobs.get(id)?.needs ?? new Map<string, Edge>();
    return needs.has(other) || [...needs.keys()].some((next) => this.waitsFor(next, other));
  }

  depend(id: string, parents: readonly string[]): void {
    this.#link(
      this.of(id),
      parents.filter((parent) => !this.of(id).needs.has(parent)),
    );
  }

  undepend(id: string, parents: readonly string[]): void {
    const job = this.of(id);
    for (const parent of parents) {
      job.needs.delete(parent);
      job.said.delete(parent);
    }
    // Nothing is said any more, of what becomes of it either.
    if (job.said.size === 0) job.policy = 'f';
    this.#releaseFree(job);
  }

  /** An attempt ended, and the job goes on: later, or at once. */
  goOn(id: string, state: 'retrying' | 'waiting'): void {
    Object.assign(this.of(id), { state, isLater: state === 'retrying' });
  }

  end(id: string, state: string): void {
    this.#finish(this.of(id), state, 'failed');
  }

  promote(id: string): void {
    const job = this.of(id);
    if (job.state === 'delayed' || job.state === 'retrying') this.goOn(id, 'waiting');
  }

  /** Live jobs outside of `ids` that wait for one of them. */
  orphans(ids: readonly string[], queue: number): string[] {
    const left = ids.flatMap((id) => this.childrenOf(id, 'open'));
    const isNamed = (job: ModelJob): boolean => job.queue === queue && ids.includes(job.id);
    return left.filter((job) => this.isLive(job.id) && !isNamed(job)).map(({ id }) => id);
  }

  cancel(ids: readonly string[], fall: Fall): void {
    const cancelled = ids.filter((id) => this.isLive(id));
    for (const id of cancelled) {
      this.of(id).state = 'cancelled';
      this.of(id).needs.clear();
    }
    for (const id of cancelled) this.#tell(id, fall);
  }

  /** Of those that fail one another, the one waits for the other again; all else that they waited for counts no more. */
  retry(ids: readonly string[]): void {
    const again = ids.filter((id) => FINAL.has(this.of(id).state)).map((id) => this.of(id));
    for (const job of again) {
      const kept = [...job.needs.keys()].filter((parent) => again.some(({ id }) => id === parent));
      this.#renew(job);
      for (const parent of kept) job.needs.set(parent, 'failed');
      if (kept.length > 0) job.state = 'blocked';
    }
    for (const job of again) this.#reopenAfter(job);
  }

  move(id: string, queue: number): void {
    const job = this.of(id);
    const wasOver = FINAL.has(job.state);
    job.queue = queue;
    if (job.state !== 'blocked') this.#renew(job);
    if (wasOver) this.#reopenAfter(job);
  }

  remove(id: string): void {
    const wasLive = this.isLive(id);
    this.jobs.delete(id);
    for (const child of this.childrenOf(id, 'failed')) child.needs.set(id, 'dead');
    if (wasLive) this.#tell(id, 'removed');
  }

  #renew(job: ModelJob): void {
    Object.assign(job, { state: 'waiting', isLater: false });
    job.needs.clear();
  }

  #link(job: ModelJob, parents: readonly string[]): void {
    for (const parent of parents) job.said.add(parent);
    const ended = parents.filter((parent) => !this.isLive(parent));
    const failed = ended.filter((parent) => this.of(parent).state !== 'completed' && job.policy !== 'r');
    for (const parent of parents) if (this.isLive(parent)) job.needs.set(parent, 'open');
    for (const parent of failed) job.needs.set(parent, 'failed');
    if (job.needs.size > 0) job.state = 'blocked';
    if (failed.length > 0 && job.policy === 'f') this.#finish(job, 'failed', 'failed');
    if (failed.length > 0 && job.policy === 'c') this.#finish(job, 'cancelled', 'failed');
  }

  #release(job: ModelJob): void {
    job.state = job.isLater ? 'delayed' : 'waiting';
  }

  #releaseFree(job: ModelJob): void {
    if (job.state === 'blocked' && job.needs.size === 0) this.#release(job);
  }

  #finish(job: ModelJob, state: string, fall: Fall): void {
    job.state = state;
    if (state !== 'completed') return this.#tell(job.id, fall);
    for (const child of this.childrenOf(job.id, 'open')) {
      child.needs.delete(job.id);
      this.#releaseFree(child);
    }
  }

  #tell(parent: string, fall: Fall): void {
    for (const child of this.childrenOf(parent, 'open')) {
      const policy = fall === 'cascade' ? 'c' : child.policy;
      if (policy === 'r') {
        child.needs.delete(parent);
        this.#releaseFree(child);
        continue;
      }
      child.needs.set(parent, fall === 'removed' ? 'dead' : 'failed');
      if (child.state !== 'blocked' || policy === 'b') continue;
      this.#finish(child, policy === 'f' ? 'failed' : 'cancelled', fall === 'cascade' ? 'cascade' : 'failed');
    }
  }

  #reopenAfter(parent: ModelJob): void {
    for (const child of this.childrenOf(parent.id, 'failed')) {
      child.needs.set(parent.id, 'open');
      const isKept = [...child.needs.values()].some((edge) => edge !== 'open');
      if (!FINAL.has(child.state) || isKept) continue;
      Object.assign(child, { state: 'blocked', isLater: false });
      this.#reopenAfter(child);
    }
  }
}
