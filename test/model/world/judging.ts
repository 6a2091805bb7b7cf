import { nameOf } from './edges.js';
import { isFinal, refOf, type Job } from './job.js';
import type { QueueModel } from './queue-model.js';
import type { World } from './world.js';

/** A job that is to be added, and what is to be looked at before. */
export interface Row {
  readonly job: Job;
  at: number;
  readonly given: { readonly policy: string; readonly memoryMs: number; readonly isForced: boolean } | undefined;
  readonly unique:
    { readonly key: string; readonly ms: string; readonly policy: string; readonly isForced: boolean } | undefined;
}

/** What becomes of a row, by the letters of `add-checked`. */
export interface RowVerdict {
  fate: string;
  state: string;
  other?: string;
  /** b blocked, f failed, x cancelled at once, by its dependencies. */
  becomes: string;
}

/** What earlier rows of the call do, as later ones find it. */
interface Plan {
  readonly ids: Set<string>;
  /** Unique key -> the row that has it from now on. */
  readonly keys: Map<string, string>;
  /** Jobs that an earlier row ends. */
  readonly ended: Set<string>;
  /** Id -> how a row that is stored will stand: '' it goes on. */
  readonly stored: Map<string, string>;
  /** Id -> what a row will wait for. */
  readonly needs: Map<string, readonly string[]>;
}

export function judgeRows(world: World, queue: QueueModel, rows: readonly Row[]): RowVerdict[] {
  const plan: Plan = { ids: new Set(), keys: new Map(), ended: new Set(), stored: new Map(), needs: new Map() };
  return rows.map((row) => {
    const verdict = byId(world, queue, row, plan);
    if ('AR'.includes(verdict.fate) && row.unique !== undefined) byKey(world, queue, row, row.unique, plan, verdict);
    if (isStored(verdict)) byDependencies(world, queue, row, plan, verdict);
    if (isStored(verdict)) promise(queue, row, plan, verdict);
    // A call names an id once, whatever became of the row that did.
    plan.ids.add(row.job.id);
    return verdict;
  });
}

/** What a row that is stored changes for those behind it; one that is refused changes nothing. */
function promise(queue: QueueModel, { job, unique }: Row, plan: Plan, { fate, other }: RowVerdict): void {
  if (unique !== undefined) plan.keys.set(unique.key, job.id);
  if (fate === 'S') plan.ended.add(other!);
  if (fate !== 'A' && queue.jobs.has(job.id)) plan.ended.add(job.id);
}

export function isStored({ fate }: RowVerdict): boolean {
  return 'ARS'.includes(fate);
}

function byId(world: World, queue: QueueModel, { job, given }: Row, plan: Plan): RowVerdict {
  const verdict = (fate: string, state = ''): RowVerdict => ({ fate, state, becomes: '' });
  if (plan.ids.has(job.id)) return verdict('C', 'waiting');
  if (given === undefined) return verdict('A');
  const there = queue.jobs.get(job.id);
  const until = queue.remembered.get(job.id);
  if (until === undefined) return verdict('A');
  if (there === undefined)
    return until <= world.now || given.policy === 'r'
      ? verdict('A')
      : verdict(given.policy === 'k' ? 'K' : 'C', 'remembered');
  const state = stateOf(there);
  if (given.policy !== 'r') return verdict(given.policy === 'k' ? 'K' : 'C', state);
  const isInTheWay = there.state === 'active' && !given.isForced && !plan.ended.has(job.id);
  return verdict(isInTheWay ? 'L' : 'R', state);
}

function byKey(
  world: World,
  queue: QueueModel,
  { job }: Row,
  unique: NonNullable<Row['unique']>,
  plan: Plan,
  verdict: RowVerdict,
): void {
  const planned = plan.keys.get(unique.key);
  const holder = planned ?? queue.holderOf(unique.key, world.now);
  const holding = holder === undefined ? undefined : queue.jobs.get(holder);
  const willBeFree =
    planned === undefined &&
    holding !== undefined &&
    plan.ended.has(holding.id) &&
    holding.sketch.unique?.key === unique.key;
  if (holder !== undefined && holder !== job.id && !willBeFree)
    meet(plan, holder, holding, unique, planned !== undefined, verdict);
}

function meet(
  plan: Plan,
  holder: string,
  holding: Job | undefined,
  { policy, isForced }: NonNullable<Row['unique']>,
  isPlanned: boolean,
  verdict: RowVerdict,
): void {
  const isLive = holding !== undefined && !isFinal(holding) && !plan.ended.has(holder);
  const before = verdict.fate;
  if (isPlanned) verdict.fate = policy === 'k' ? 'D' : 'E';
  else if (isLive || policy !== 'r') {
    if (policy !== 'r') verdict.fate = policy === 'k' ? 'D' : 'E';
    else verdict.fate = holding?.state === 'active' && !isForced ? 'B' : 'S';
  }
  if (verdict.fate !== before || !'AR'.includes(verdict.fate)) verdict.other = holder;
  verdict.state = holding !== undefined ? stateOf(holding) : isPlanned ? 'waiting' : 'remembered';
}

function byDependencies(world: World, queue: QueueModel, { job }: Row, plan: Plan, verdict: RowVerdict): void {
  if (job.said.length === 0) return void plan.stored.set(job.id, '');
  if (job.said.includes(refOf(job))) return void Object.assign(verdict, { fate: 'W', other: job.id, state: '' });
  const fateOf = (ref: string): string | undefined => {
    const [index = '', id = ''] = ref.split(/\/(.*)/s);
    const planned = Number(index) === queue.index ? plan.stored.get(id) : undefined;
    const parent = world.job(ref);
    return planned ?? (parent === undefined ? undefined : (parent.outcome?.letter ?? ''));
  };
  const missing = job.isLenient ? undefined : job.said.find((ref) => fateOf(ref) === undefined);
  if (missing !== undefined)
    return void Object.assign(verdict, { fate: 'M', other: nameOf(world, missing, queue.index), state: '' });
  plan.needs.set(job.id, job.said);
  if (verdict.fate !== 'A' && queue.jobs.has(job.id)) {
    const first = firstOnTheWay(world, queue, job.said, refOf(job), plan.needs);
    if (first !== undefined)
      return void Object.assign(verdict, { fate: 'W', other: nameOf(world, first, queue.index), state: '' });
  }
  const fates = job.said.map(fateOf).filter((fate) => fate !== undefined);
  const hasFailed = job.policy !== 'r' && fates.some((fate) => fate !== '' && fate !== 'c');
  if (hasFailed && job.policy !== 'b') verdict.becomes = job.policy === 'f' ? 'f' : 'x';
  else if (hasFailed || fates.includes('')) verdict.becomes = 'b';
  plan.stored.set(job.id, verdict.becomes === 'b' ? '' : verdict.becomes);
}

/** The first of `refs` over which a job would be waited for, on one of the shortest ways. `coming` = what jobs will wait for. */
export function firstOnTheWay(
  world: World,
  queue: QueueModel,
  refs: readonly string[],
  to: string,
  coming: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const seen = new Set<string>(refs);
  const open = refs.map((ref) => ({ ref, first: ref }));
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    const { ref, first } = at;
    if (ref === to) return first;
    const [index = '', id = ''] = ref.split(/\/(.*)/s);
    const planned = Number(index) === queue.index ? coming.get(id) : undefined;
    for (const next of planned ?? world.job(ref)?.needs.keys() ?? []) {
      if (!seen.has(next)) open.push({ ref: next, first });
      seen.add(next);
    }
  }
  return undefined;
}

/** As the core calls it. */
function stateOf(job: Job): string {
  return job.state === 'aside' ? 'waiting' : job.state;
}
