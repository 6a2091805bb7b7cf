import type { Child } from '../../support/child.ts';
import type { Fleet } from '../../faults/support/fleet/fleet.ts';
import { Proxy } from '../../support/proxy.ts';
import type { ChaosOrder, ChaosSettings } from '../programs/settings.ts';

const PROGRAMS = {
  worker: new URL('../programs/chaos-worker.ts', import.meta.url),
  producer: new URL('../programs/chaos-producer.ts', import.meta.url),
};

/** What a process of a run is there for. */
export type Role = keyof typeof PROGRAMS;

/** How long a process may take to end in good order: its own bounds, on a busy machine. */
const END_MS = 15_000;

type Given = Pick<ChaosSettings, 'leaseMs' | 'commandTimeoutMs' | 'seed'>;

/** A place in a run for one process: whoever dies is followed by another one, behind the same proxy. */
export class Seat {
  /** What was not expected of the processes here. */
  readonly problems: string[] = [];
  #generation = 0;
  #child: Child | undefined;
  /** The process is about to end, because it was killed or asked to. */
  #isDoomed = false;
  #isClosed = false;
  #following: Promise<void> = Promise.resolve();

  private constructor(
    readonly role: Role,
    readonly name: string,
    readonly proxy: Proxy,
    private readonly fleet: Fleet,
    private readonly given: Given,
  ) {}

  static async take(role: Role, number: number, redis: string, fleet: Fleet, given: Given): Promise<Seat> {
    const seat = new Seat(role, `${role}-${number}`, await Proxy.start(redis), fleet, given);
    await seat.#start();
    return seat;
  }

  /** Who sits here now. */
  get label(): string {
    return `${this.name}.${this.#generation}`;
  }

  tell(order: ChaosOrder): void {
    if (this.#child?.alive === true) this.#child.send(order);
  }

  /** kill -9, now; another process follows. */
  kill(): void {
    this.#isDoomed = true;
    this.signal('SIGKILL');
  }

  /** The process is going to die in its own program; what it dies of is no surprise. */
  expectDeath(): void {
    this.#isDoomed = true;
  }

  get isAlive(): boolean {
    return this.#child?.alive === true;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child?.alive === true) this.#child.signal(signal);
  }

  /** Settles when the process that sits here now has ended. */
  get exited(): Promise<unknown> {
    return this.#child?.exited ?? Promise.resolve();
  }

  /** Asks the process to end, by SIGTERM, and sees that it does, with code 0. Another process follows. */
  async end(): Promise<void> {
    const child = this.#child;
    const { label } = this;
    if (child?.alive !== true) return;
    this.#isDoomed = true;
    child.signal('SIGTERM');
    const timer = setTimeout(() => {
      if (!child.alive) return;
      this.problems.push(`${label} did not end within ${END_MS} ms of SIGTERM: ${child.output}`);
      void child.kill();
    }, END_MS);
    const { code, signal } = await child.exited;
    clearTimeout(timer);
    // Somebody else may have killed it meanwhile.
    if (signal === null && code !== 0)
      this.problems.push(`${label} ended by SIGTERM with code ${code}: ${child.output}`);
    await this.#following;
  }

  /** Lets nobody follow any more. */
  close(): void {
    this.#isClosed = true;
  }

  async #start(): Promise<void> {
    this.#generation += 1;
    this.#isDoomed = false;
    const { label, given, proxy, fleet, role } = this;
    const settings = { ...given, url: proxy.url, label, seed: given.seed + this.#generation };
    const child = await fleet.program(PROGRAMS[role], settings);
    this.#child = child;
    void child.exited.then(() => (this.#following = this.#follow(child, label)));
  }

  async #follow(child: Child, label: string): Promise<void> {
    const { code, signal } = await child.exited;
    if (!this.#isDoomed) this.problems.push(`${label} ended by itself (${signal ?? code}): ${child.output}`);
    if (!this.#isClosed) await this.#start();
  }
}
