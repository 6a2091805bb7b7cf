import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Answer, ChildOrder, Request } from './protocol.js';
import type { Calls } from './sides/index.js';

const PROGRAM = fileURLToPath(new URL('./child.js', import.meta.url));

type Settle = (answer: Answer) => void;

/** A process of a case, with a side of its own in it. */
export class Member {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Settle>();
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: Answer | 'ready') => {
      if (message === 'ready') return;
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    });
  }

  /** @throws Error when the process ends before it is ready */
  static async start(order: ChildOrder): Promise<Member> {
    const child = fork(PROGRAM, [JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const member = new Member(child);
    const ready = await Promise.race([once(child, 'message').then(() => true), once(child, 'exit').then(() => false)]);
    if (!ready) throw new Error(`a process of ${order.side} ended before it was ready.`);
    return member;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Asks the process for something. @throws Error with what the library threw; never settles once the process is dead */
  call<K extends keyof Calls>(call: K, ...args: Parameters<Calls[K]>): ReturnType<Calls[K]> {
    const request: Request = { id: ++this.#lastId, call, args };
    const answered = new Promise((resolve, reject) => {
      this.#waiting.set(request.id, ({ value, error }) =>
        error === undefined ? resolve(value) : reject(new Error(error)),
      );
      this.#child.send(request, (problem) => problem !== null && reject(problem));
    });
    return answered as ReturnType<Calls[K]>;
  }

  /** `kill -9`. Resolves when the process is gone. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
