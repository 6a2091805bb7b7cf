import type { Precedence, Sharer } from './precedence.js';

/** So many jobs may others start, all together, before one whose jobs are on their way is waited for. */
const LEAD_JOBS = 64;
/** How many jobs one that could start none, though it had some, may make up for. */
const CREDIT_JOBS = 1_000;

/** What a queue of a worker has had, and what is due to it. */
interface Account {
  readonly sharer: Sharer;
  readonly weight: number;
  /** Jobs started by weight. Who has had least comes first. */
  spent: number;
  /** Had nothing to start when it was its turn. */
  wasIdle: boolean;
  isAsleep: boolean;
}

/** Who may ask for how many of the free slots, as long as nothing starts or ends. */
interface Plan {
  /** Slots asked for already. */
  readonly claims: { readonly all: number; readonly of: ReadonlyMap<Account, number> };
  /** Free slots that nobody has asked for. */
  readonly open: number;
  readonly shares: ReadonlyMap<Account, number>;
  /** As many share in it as may. */
  readonly isFull: boolean;
}

/**
 * Each queue in proportion to its weight, equal weights in turn. A queue that has no jobs is passed by, and gets nothing
 * for that later; one whose jobs are only on their way makes up for it, and others do not run far ahead of it: with three
 * queues of weights 6, 3 and 1 that all have jobs, 60, 30 and 10 of a hundred are theirs, however they are fetched.
 */
export class ByShare implements Precedence {
  /** Of those that are not asleep. */
  readonly #accounts: Account[] = [];
  readonly #sharers: Sharer[] = [];
  readonly #accountOf = new Map<Sharer, Account>();
  /** What the one that is served at present had spent. */
  #level = 0;
  #weights = 0;
  #lightest = Infinity;
  #lead = 0;
  #plan: Plan | undefined;

  get sharers(): readonly Sharer[] {
    return this.#sharers;
  }

  add(sharer: Sharer, weight: number): void {
    const account = { sharer, weight, spent: 0, wasIdle: false, isAsleep: false };
    this.#accounts.push(account);
    this.#accountOf.set(sharer, account);
    this.#sharers.push(sharer);
    this.#weights += weight;
    this.#lightest = Math.min(this.#lightest, weight);
    this.#lead = LEAD_JOBS / this.#weights + 1 / this.#lightest;
  }

  asleep(sharer: Sharer): void {
    const account = this.#accountOf.get(sharer)!;
    account.isAsleep = account.wasIdle = true;
    const at = this.#accounts.indexOf(account);
    this.#accounts.splice(at, 1);
    this.#sharers.splice(at, 1);
  }

  roused(sharer: Sharer): void {
    const account = this.#accountOf.get(sharer)!;
    if (!account.isAsleep) return;
    account.isAsleep = false;
    const at = this.#accounts.findLastIndex(({ spent }) => spent <= account.spent) + 1;
    this.#accounts.splice(at, 0, account);
    this.#sharers.splice(at, 0, sharer);
  }

  started(sharer: Sharer): void {
    const account = this.#accountOf.get(sharer)!;
    const from = this.#dueFrom(account);
    account.spent = from + 1 / account.weight;
    account.wasIdle = false;
    this.#level = Math.max(this.#level, from);
    this.#moveBack(account);
  }

  idled(sharer: Sharer): void {
    this.#accountOf.get(sharer)!.wasIdle = true;
  }

  isBefore(sharer: Sharer, other: Sharer): boolean {
    return this.#accountOf.get(sharer)!.spent < this.#accountOf.get(other)!.spent;
  }

  mayPass(sharer: Sharer, awaited: Sharer): boolean {
    const spent = this.#dueFrom(this.#accountOf.get(sharer)!);
    return spent - this.#dueFrom(this.#accountOf.get(awaited)!) <= this.#lead;
  }

  reservedFrom(sharer: Sharer, free: number, front: number): number {
    this.#plan ??= planOf(this.#accounts, free, front);
    const own = this.#accountOf.get(sharer)!;
    const share = this.#plan.shares.get(own);
    if (share !== undefined) return reserved(this.#plan, own, share);
    // Its turn comes when the next plan is made: of ten thousand that are woken together each would have one made.
    if (this.#plan.isFull) return Infinity;
    // Who was not hungry when the plan was made has no share in it: it is told what it would have had.
    const plan = planOf(this.#accounts, free, front, own);
    if (plan.isFull) this.#plan = plan;
    return reserved(plan, own, plan.shares.get(own) ?? 0);
  }

  changed(): void {
    this.#plan = undefined;
  }

  /** Where its account stands when it starts a job now. */
  #dueFrom({ spent, wasIdle }: Account): number {
    return Math.max(spent, wasIdle ? this.#level : this.#level - CREDIT_JOBS / this.#weights);
  }

  /** To its place among the others, behind those that have had as much. */
  #moveBack(account: Account): void {
    let at = this.#accounts.indexOf(account);
    for (; at + 1 < this.#accounts.length; at++) {
      const next = this.#accounts[at + 1]!;
      if (next.spent > account.spent) break;
      this.#accounts[at] = next;
      this.#sharers[at] = next.sharer;
    }
    this.#accounts[at] = account;
    this.#sharers[at] = account.sharer;
  }
}

function reserved({ claims, open }: Plan, own: Account, share: number): number {
  return claims.all - (claims.of.get(own) ?? 0) + open - share;
}

/**
 * Free slots by weight, for the first that are hungry; what is left over goes to those that have had least. For all in one
 * go: asked one by one, a hundred queues looked at each other ten thousand times before each round of calls, and that took 2 ms.
 */
function planOf(awake: readonly Account[], free: number, front: number, own?: Account): Plan {
  const accounts = own?.isAsleep === true ? [...awake, own] : awake;
  const claims = { all: 0, of: new Map<Account, number>() };
  const takers: { account: Account; due: number }[] = [];
  let weights = 0;
  for (const account of accounts) {
    const { sharer, spent, weight } = account;
    const claimed = sharer.claims;
    if (claimed > 0) claims.of.set(account, claimed);
    claims.all += claimed;
    if (takers.length === front || (account !== own && !sharer.isHungry)) continue;
    takers.push({ account, due: spent + (claimed + 1) / weight });
    weights += weight;
  }
  const open = Math.max(0, free - claims.all);
  const whole = ({ weight }: Account): number => Math.floor((open * weight) / weights);
  let rest = open;
  for (const { account } of takers) rest -= whole(account);
  takers.sort((one, other) => one.due - other.due);
  const shares = new Map(takers.map(({ account }, i) => [account, whole(account) + (i < rest ? 1 : 0)]));
  return { claims, open, shares, isFull: takers.length === front };
}
