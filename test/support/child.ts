import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { waitFor } from './wait-for.ts';

/** What a program is started with. */
export interface ChildOptions {
  /** `process.argv.slice(2)` of the program. */
  readonly args?: readonly string[];
  /** Variables on top of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node, such as `--max-old-space-size=64`. */
  readonly execArgv?: readonly string[];
}

/** How a program ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program of a test in a process of its own: JSON messages both ways, its output, and its end. */
export class Child {
  /** Every message that the program sent with `process.send`, oldest first. */
  readonly messages: unknown[] = [];
  /** Settles when the process has ended, however it ended. */
  readonly exited: Promise<ChildExit>;
  #output = '';
  #exit: ChildExit | undefined;

  private constructor(private readonly process: ChildProcess) {
    process.on('message', (message) => this.messages.push(message));
    process.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    process.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.exited = once(process, 'close').then(([code, signal]) => (this.#exit = { code, signal }));
  }

  /** Starts `program`, a TypeScript or JavaScript file (an absolute path or a URL), and waits until it is a process. */
  static async start(program: string | URL, { args = [], env = {}, execArgv = [] }: ChildOptions = {}): Promise<Child> {
    const url = typeof program === 'string' ? pathToFileURL(program) : program;
    const launcher = fileURLToPath(new URL('./child-launcher.js', import.meta.url));
    const child = fork(launcher, [url.href, ...args], {
      env: { ...process.env, ...env },
      execArgv: ['--enable-source-maps', ...execArgv],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const started = new Child(child);
    await once(child, 'spawn');
    return started;
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Everything that the program printed so far, standard error included. */
  get output(): string {
    return this.#output;
  }

  /** True until the process has ended. */
  get alive(): boolean {
    return this.#exit === undefined;
  }

  /** Sends a message that the program gets with `process.on('message')`. One that has gone hears nothing. */
  send(message: object): void {
    if (this.process.connected) this.process.send(message, () => undefined);
  }

  /**
   * The oldest message that has all of `fields`, waiting for it if need be. Fails at once, with the program's output,
   * when the program ends without having sent it.
   */
  async message<T extends object>(fields: Partial<T>, timeoutMs = 20_000): Promise<T> {
    const wanted = Object.entries(fields);
    const find = (): unknown =>
      this.messages.find((message) =>
        wanted.every(([key, value]) => (message as Record<string, unknown>)[key] === value),
      );
    const found = await waitFor(
      `the message ${JSON.stringify(fields)} of the child process; it printed:\n${this.#output}`,
      () => find() ?? (this.alive ? undefined : { ended: true }),
      { timeoutMs },
    );
    if (find() === undefined) throw new Error(`the child process ended (${this.#describeExit()}):\n${this.#output}`);
    return found as T;
  }

  /** Sends a signal and does not wait: SIGSTOP and SIGCONT freeze and thaw the process, SIGTERM asks it to stop. */
  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Ends the process at once (kill -9) and waits until it is gone. No-op when it has ended. */
  async kill(): Promise<ChildExit> {
    if (this.alive) this.process.kill('SIGKILL');
    return this.exited;
  }

  #describeExit(): string {
    return `code ${this.#exit?.code ?? 'none'}, signal ${this.#exit?.signal ?? 'none'}`;
  }
}
