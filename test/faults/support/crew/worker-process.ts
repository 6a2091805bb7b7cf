import type { ConnectSettings, WorkerHealth, WorkerOptions } from '@millrace/core';

import { Child } from '../../../support/child.ts';

/** What a job of the worker program does; nothing but noting itself where nothing is said. */
export interface JobData {
  readonly does?: 'wait' | 'block' | 'die';
  /** For how long. */
  readonly ms?: number;
}

/** What the worker program is started with. */
export interface WorkerSettings extends Pick<
  WorkerOptions,
  'concurrency' | 'prefetch' | 'lease' | 'shutdownTimeoutMs' | 'name'
> {
  readonly url: string;
  readonly prefix: string;
  /** The file that its handlers write into. */
  readonly history: string;
  /** Its worker starts only when {@link WorkerProcess.go} says so: a process takes long to start. */
  readonly waits?: boolean;
  readonly connect?: Pick<ConnectSettings, 'commandTimeoutMs' | 'waitUntilReady'>;
}

/** A worker in a process of its own. */
export class WorkerProcess {
  private constructor(readonly child: Child) {}

  /** Starts the program and waits until its worker runs, or only until it begins to. */
  static async start(settings: WorkerSettings, until: 'ready' | 'begins' = 'ready'): Promise<WorkerProcess> {
    const program = new URL('../../programs/crew-worker.ts', import.meta.url);
    const child = await Child.start(program, { args: [JSON.stringify(settings)] });
    await child.message({ type: until });
    return new WorkerProcess(child);
  }

  /** Lets a worker start that waits for it. */
  async go(): Promise<void> {
    this.child.send({ type: 'go' });
    await this.child.message({ type: 'ready' });
  }

  get pid(): number {
    return this.child.pid;
  }

  async health(): Promise<WorkerHealth> {
    const before = this.child.messages.length;
    this.child.send({ type: 'health' });
    for (;;) {
      const answer = this.child.messages
        .slice(before)
        .find((message) => (message as { type: string }).type === 'health');
      if (answer !== undefined) return (answer as { health: WorkerHealth }).health;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** What it logged as a warning or an error. */
  get log(): string[] {
    const lines = this.child.messages as { type: string; message: string }[];
    return lines.filter(({ type }) => type === 'warn' || type === 'error').map(({ message }) => message);
  }
}
