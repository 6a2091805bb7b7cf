import { Child, type ChildExit } from '../../../support/child.ts';
import { waitFor } from '../../../support/wait-for.ts';
import type { Answer, Order, ProcessHealth, ProcessSettings } from './protocol.ts';

const PROGRAM = new URL('../../programs/fleet-worker.ts', import.meta.url);

/** Room for a machine that is busy. */
export const PATIENCE = { timeoutMs: 20_000 };

/** A worker in a process of its own; see the program for what its jobs do. */
export class WorkerProcess {
  private constructor(private readonly child: Child) {}

  /** Starts the process; it works nothing yet. */
  static async start({ execArgv = [], ...settings }: ProcessSettings): Promise<WorkerProcess> {
    return new WorkerProcess(await Child.start(PROGRAM, { args: [JSON.stringify(settings)], execArgv }));
  }

  /** Resolves when the program listens. */
  async ready(): Promise<void> {
    await this.child.message<Answer>({ type: 'ready' }, PATIENCE.timeoutMs);
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Settles when the process has ended. */
  get exited(): Promise<ChildExit> {
    return this.child.exited;
  }

  /** Everything that it printed, its log included. */
  get output(): string {
    return this.child.output;
  }

  /** Works this queue from now on, and no other. */
  async work(queue: string): Promise<void> {
    this.tell({ type: 'work', queue });
    await this.child.message<Answer & { queue: string }>({ type: 'working', queue }, PATIENCE.timeoutMs);
  }

  tell(order: Order): void {
    this.child.send(order);
  }

  async health(): Promise<ProcessHealth> {
    const { messages } = this.child;
    const before = messages.length;
    this.tell({ type: 'health' });
    const isHealth = (message: unknown): boolean => (message as Answer).type === 'health';
    const found = await waitFor('the process to say how it is', () => messages.slice(before).find(isHealth), PATIENCE);
    return found as ProcessHealth;
  }

  /** What it logged as a warning or an error, line by line. */
  get log(): string {
    const answers = this.child.messages as Answer[];
    return answers.map((answer) => (answer.type === 'logged' ? `${answer.message}\n` : '')).join('');
  }

  /** Stops all its threads in the midst of whatever they do, or lets them go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.signal(signal);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.child.kill();
  }
}
