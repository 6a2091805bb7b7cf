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
}

/**
 * Each queue in proportion to its weight, equal weights in turn. A queue that has no jobs is passed by, and gets nothing
 * for that later; one whose jobs are only on their way makes up for it, and others do not run far ahead of it: with three
 * queues of weights 6, 3 and 1 that all have jobs, 60, 30 and 10 of a hundred are theirs, however they are fetched.
 */
export class ByShare implements Precedence {
  #accounts: Account[] = [];
  #sharers: Sharer[] = [];
  readonly #accountOf = new Map<Sharer, Account>();
  /** What the one that is served at present had spent. */
  #level = 0;
  #weights = 0;
  #lead = 0;

  get sharers(): readonly Sharer[] {
    return this.#sharers;
  }

  add(sharer: Sharer, weight: number): void {
    const account = { sharer, weight, spent: 0, wasIdle: false };
    this.#accounts.push(account);
    this.#accountOf.set(sharer, account);
    this.#sharers.push(sharer);
    this.#weights += weight;
    const lightest = Math.min(...this.#accounts.map((one) => one.weight));
    this.#lead = LEAD_JOBS / this.#weights + 1 / lightest;
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

  mayPass(sharer: Sharer, awaited: Sharer): boolean {
    const spent = this.#dueFrom(this.#accountOf.get(sharer)!);
    return spent - this.#dueFrom(this.#accountOf.get(awaited)!) <= this.#lead;
  }

  reservedFrom(sharer: Sharer, free: number): number {
    const own = this.#accountOf.get(sharer)!;
    let claimed = 0;
    let weights = 0;
    const takers: Account[] = [];
    for (const account of this.#accounts) {
      const { claims } = account.sharer;
      claimed += claims;
      if (account !== own && !account.sharer.isHungry) continue;
      takers.push(account);
      weights += account.weight;
    }
    const open = Math.max(0, free - claimed);
    return claimed - sharer.claims + open - shareOf(own, takers, open, weights);
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

/** Free slots by weight; what is left over goes to those that have had least. */
function shareOf(own: Account, takers: readonly Account[], open: number, weights: number): number {
  const whole = ({ weight }: Account): number => Math.floor((open * weight) / weights);
  let rest = open;
  for (const taker of takers) rest -= whole(taker);
  const due = ({ spent, sharer, weight }: Account): number => spent + (sharer.claims + 1) / weight;
  let isBehind = true;
  let before = 0;
  for (const taker of takers) {
    if (taker === own) isBehind = false;
    else if (due(taker) < due(own) || (isBehind && due(taker) === due(own))) before++;
  }
  return whole(own) + (before < rest ? 1 : 0);
}
