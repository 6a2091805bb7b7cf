import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { BenchServer } from '../server.js';
import { Member } from './member.js';
import type { Line } from './protocol.js';
import { FaultProxy } from './proxy.js';
import type { SideName } from './sides/index.js';

const POLL_MS = 20;

/** What one round of a case is made with. */
export interface LabSettings {
  readonly side: SideName;
  /** `undefined`: the defaults of each library. */
  readonly leaseMs: number | undefined;
  /** How long a case waits for what may not come. */
  readonly patienceMs: number;
  /** How long Redis is away where it is away for long. */
  readonly outageMs: number;
  /** 0 … 1, equal for both sides of a round: when in a cycle of timers the fault comes. */
  readonly phase: number;
}

/** A Redis, proxies and processes of one round, all of its own. */
export class Lab {
  readonly settings: LabSettings;
  readonly server: BenchServer;
  readonly #folder: string;
  readonly #closed: Promise<false>;
  #isClosed = false;
  #tellClosed: (value: false) => void = () => undefined;
  readonly #members: Member[] = [];
  readonly #proxies: FaultProxy[] = [];

  private constructor(settings: LabSettings, server: BenchServer, folder: string) {
    this.settings = settings;
    this.server = server;
    this.#folder = folder;
    this.#closed = new Promise((resolve) => (this.#tellClosed = resolve));
  }

  static async open(settings: LabSettings): Promise<Lab> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-faults-'));
    try {
      return new Lab(settings, await BenchServer.start('everysec'), folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** A proxy before the Redis. */
  async proxy(): Promise<FaultProxy> {
    const proxy = await FaultProxy.start(this.server.port);
    this.#proxies.push(proxy);
    return proxy;
  }

  /** A process. Its handlers take as long as a job says, or as it is told here. */
  async member(options: { readonly port?: number; readonly holdMs?: number } = {}): Promise<Member> {
    const { side, leaseMs } = this.settings;
    const { port = this.server.port, holdMs } = options;
    this.#checkOpen();
    const member = await Member.start({ side, port, leaseMs, holdMs, history: this.#historyFile });
    this.#members.push(member);
    if (this.#isClosed) await member.kill();
    this.#checkOpen();
    return member;
  }

  /** Every run until now, in the order of time. */
  async runs(op: Line['op'], key?: string): Promise<readonly Line[]> {
    const text = await readFile(this.#historyFile, 'utf8').catch(() => '');
    const whole = text.split('\n').slice(0, -1);
    const lines = whole.map((line) => JSON.parse(line) as Line);
    return lines.filter((line) => line.op === op && (key === undefined || line.key === key));
  }

  /** Waits until a job has begun so many times; `undefined` where it does not, else when it did. */
  async started(key: string, times = 1): Promise<number | undefined> {
    let at: number | undefined;
    await this.until(async () => (at = (await this.runs('start', key))[times - 1]?.at) !== undefined);
    return at;
  }

  /** Waits for a condition; false where it does not come. What throws counts as not yet. */
  async until(holds: () => Promise<boolean>, patienceMs = this.settings.patienceMs): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    // A call may never be answered: what is waited for is the end of patience as well.
    const over = new Promise<false>((resolve) => (timer = setTimeout(resolve, patienceMs, false)));
    const end = performance.now() + patienceMs;
    try {
      while (!this.#isClosed && performance.now() < end) {
        if (await Promise.race([holds().catch(() => false), over, this.#closed])) return true;
        await sleep(POLL_MS);
      }
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tellClosed(false);
    await Promise.all(this.#members.map((member) => member.kill()));
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await this.server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A round that was ended goes on until it asks for something. */
  #checkOpen(): void {
    if (this.#isClosed) throw new Error('the round is over.');
  }

  get #historyFile(): string {
    return join(this.#folder, 'history.jsonl');
  }
}
