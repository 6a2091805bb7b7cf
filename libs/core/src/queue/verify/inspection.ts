import { scripts } from '../../redis/index.js';
import type { QueueContext } from '../queue-context.js';
import { asMiscounted, Counters, isOfMeta } from './counters.js';
import { readFindings, type RawFinding } from './finding.js';
import { keysOf } from './key-walk.js';
import { walkLists, type ListWalk } from './list-walk.js';
import { asLost, isMet } from './suspect.js';

/** Rows that one call takes. */
const ROWS = 500;
/** Members looked at in one call: of jobs fewer at first, for nobody knows yet how large they are. */
const PAGE = 200;
const FIRST_JOBS = 20;
const MOST_BYTES = 1024 * 1024;
/** Looks into what workers hold and what waits for handlers, members × keys: a few ms. */
const LOOKS = 50_000;
/** Suspects in one call: each looks through 20,000 entries of a list, which takes a third of a ms. */
const SUSPECTS = 15;
/** So far from either end a list is looked through for a suspect; in a longer one it is looked for twice. */
const REACH = 20_000;
/** Entries of a list looked at in one call: 6 ms. */
const ENTRIES = 500;
/** Lists no longer than this are counted by the command that looks at the counters. */
const COUNTED = 1_000;

/** What was found, and how far it was looked. */
export interface Inspected {
  readonly found: readonly RawFinding[];
  readonly looked: number;
  /** What could not be judged, in words. */
  readonly unchecked: readonly string[];
}

/** Told as soon as something is found: mended at once, later looks see it mended. */
export type OnFound = (found: readonly RawFinding[]) => Promise<void>;

/** Looks at the keys of a queue once, a bounded step at a time. */
export class Inspection {
  readonly #queue: QueueContext;
  readonly #onFound: OnFound;
  readonly #onLooked: (looked: number) => void;
  readonly #found: RawFinding[] = [];
  readonly #suspects: RawFinding[] = [];
  readonly #counters = new Counters();
  readonly #unchecked = new Set<string>();
  /** A counter, or a setting, cannot be read: nothing else can be mended before it is. */
  #isHeld = false;
  #looked = 0;
  #page = PAGE;

  constructor(queue: QueueContext, onFound: OnFound, onLooked: (looked: number) => void) {
    this.#queue = queue;
    this.#onFound = onFound;
    this.#onLooked = onLooked;
  }

  async run(): Promise<Inspected> {
    const keys = await keysOf(this.#queue);
    await this.#checkTypes(keys);
    if (this.#found.some(({ kind }) => kind === 'wrong-type')) {
      this.#unchecked.add('everything but the types of keys: a key of the wrong type stands in the way');
      return this.#result();
    }
    // The meta may have been taken away, or set aside, since it was declared.
    this.#queue.undeclare();
    await this.#queue.declare();
    const looks = keys.filter((key) => key.startsWith('h:') || key.startsWith('u:')).length;
    this.#page = Math.max(1, Math.min(PAGE, Math.floor(LOOKS / Math.max(1, looks))));
    this.#isHeld = await this.#hasUnreadable();
    const walk = await this.#walkLists();
    await this.#look(
      keys.filter((key) => key !== 'j' && key !== 'q'),
      this.#page,
    );
    await this.#look(
      keys.filter((key) => key === 'j'),
      Math.min(FIRST_JOBS, this.#page),
    );
    await this.#findLost(walk);
    await this.#checkCounters(walk);
    return this.#result();
  }

  #result(): Inspected {
    return { found: this.#found, looked: this.#looked, unchecked: [...this.#unchecked] };
  }

  /** Before the queue is declared, which a meta of the wrong type refuses. */
  async #checkTypes(keys: readonly string[]): Promise<void> {
    const { scripts: runner } = this.#queue.connection;
    for (let from = 0; from < keys.length; from += ROWS) {
      const rows = keys.slice(from, from + ROWS).flatMap((key) => [key, '']);
      const { found } = await runner.run(scripts.verify, this.#queue.base, { count: 0, rows });
      await this.#take(readFindings(found));
    }
  }

  async #hasUnreadable(): Promise<boolean> {
    const { found } = await this.#queue.ask(scripts.verify, { count: 1, rows: ['q', ''] });
    return readFindings(found).some((each) => each.kind === 'unreadable' && isOfMeta(each));
  }

  /** Looks at all members of these keys, in their order. */
  async #look(keys: readonly string[], firstPage: number): Promise<void> {
    let page = firstPage;
    for (let from = 0; from < keys.length; from += ROWS) {
      let rows: readonly string[] = keys.slice(from, from + ROWS).flatMap((key) => [key, '']);
      while (rows.length > 0) {
        const reply = await this.#queue.ask(scripts.verify, { count: page, rows });
        rows = reply.next;
        if (reply.bytes > MOST_BYTES) page = Math.max(1, Math.floor(page / 2));
        else if (reply.bytes < MOST_BYTES / 4) page = Math.min(this.#page, page * 2);
        this.#count(reply.looked);
        await this.#take(readFindings(reply.found));
      }
    }
  }

  async #walkLists(): Promise<ListWalk> {
    const walk = await walkLists(this.#queue, Math.min(ENTRIES, this.#page * 5));
    this.#count(walk.looked);
    await this.#take(walk.found);
    return walk;
  }

  /** Jobs that are in no set, and that nobody has met in a list. */
  async #findLost(walk: ListWalk): Promise<void> {
    let suspects = this.#suspects.filter((suspect) => !isMet(suspect, walk));
    for (let round = 0; round < 2 && suspects.length > 0; round++) {
      // Who came since the lists were read, or was given back, is met now.
      const again = await walkLists(this.#queue, Math.min(ENTRIES, this.#page * 5));
      suspects = suspects.filter((suspect) => !isMet(suspect, again));
      if (again.ready.size + again.done.size <= REACH) break;
    }
    for (let from = 0; from < suspects.length; from += SUSPECTS) {
      const asked = suspects.slice(from, from + SUSPECTS);
      const rows = asked.flatMap(({ key, member, proof }) => [key, member, proof]);
      const { lost } = await this.#queue.ask(scripts.verifyLost, { rows });
      await this.#take(asked.filter((_, i) => lost.charAt(i) === '1').map(asLost));
    }
  }

  async #checkCounters(walk: ListWalk): Promise<void> {
    await this.#look(['q'], 1);
    this.#isHeld = false;
    await this.#tell(this.#counters.take());
    for (const { key, name, size, dead } of [
      { key: 'r', name: 'ghosts', size: walk.ready.size, dead: walk.dead.ready },
      { key: 'fc', name: 'gone', size: walk.done.size, dead: walk.dead.done },
    ]) {
      if (size <= COUNTED) continue;
      if (dead === undefined) this.#unchecked.add(`the counter "${name}": its list moved while it was read`);
      else if (dead.said !== dead.count) await this.#take([asMiscounted(key, name, dead)]);
    }
  }

  #count(looked: number): void {
    this.#looked += looked;
    this.#onLooked(this.#looked);
  }

  async #take(found: readonly RawFinding[]): Promise<void> {
    const real: RawFinding[] = [];
    const behind: RawFinding[] = [];
    for (const each of found) {
      if (each.kind === 'candidate') this.#suspects.push(each);
      else if (each.kind === 'unchecked') this.#unchecked.add(each.what);
      else if (isOfMeta(each)) {
        this.#counters.add(each);
        if (each.kind === 'miscounted') behind.push(each);
      } else real.push(each);
    }
    // What is mended from now on is given numbers, which nothing must have already.
    if (behind.length > 0 && !this.#isHeld) await this.#onFound(behind);
    await this.#tell(real);
  }

  async #tell(found: readonly RawFinding[]): Promise<void> {
    this.#found.push(...found);
    if (found.length > 0 && !this.#isHeld) await this.#onFound(found);
  }
}
