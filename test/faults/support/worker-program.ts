import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { redisUrl } from '../../support/redis.ts';

const BIN = fileURLToPath(new URL('../../../libs/core/dist/bin/millrace-worker.js', import.meta.url));
const CORE = new URL('../../../libs/core/dist/index.js', import.meta.url).href;

/** What a command of `millrace-worker` said. */
export interface Said {
  readonly code: number | null;
  readonly output: string;
}

/** The worker of a folder, started and stopped by `millrace-worker` as people do it. */
export class WorkerProgram {
  readonly folder: string;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Writes the file of a worker. Its jobs: `note` writes data into a file, `long` waits so many ms and notes itself,
   * `crash` ends the process, `grow` keeps so many MiB. Several queues have a worker each, all on one connection.
   */
  static async create(prefix: string, options = '', queues: readonly string[] = ['mail']): Promise<WorkerProgram> {
    const program = new WorkerProgram(await mkdtemp(join(tmpdir(), 'millrace-worker-')));
    await writeFile(
      program.file,
      `import { appendFileSync } from 'node:fs';
       import { connect, silentLogger, Worker } from ${JSON.stringify(CORE)};
       const kept = [];
       const note = (text) => appendFileSync(${JSON.stringify(program.#notes)}, text + '\\n');
       export default async () => {
       const connection = await connect(${JSON.stringify(redisUrl())}, { prefix: ${JSON.stringify(prefix)}, logger: silentLogger });
       const made = ${JSON.stringify(queues)}.map((queue) => new Worker({
         connection,
         queues: queue,
         concurrency: 2,
         lease: { durationMs: 2_000 },
         shutdownTimeoutMs: 20_000,
         handlers: {
           note: (job) => note(String(job.data)),
           long: async (job) => {
             note('start ' + process.pid);
             await new Promise((resolve) => setTimeout(resolve, job.data));
             note('end');
           },
           crash: () => process.exit(9),
           grow: (job) => void kept.push(Buffer.alloc(job.data * 1_048_576, 1)),
         },
         ${options}
       }));
       return made.length === 1 ? made[0] : made;
       };`,
    );
    return program;
  }

  get file(): string {
    return join(this.folder, 'worker.mjs');
  }

  get pidFile(): string {
    return join(this.folder, 'worker.pid');
  }

  get #notes(): string {
    return join(this.folder, 'notes.txt');
  }

  /** What its jobs have noted. */
  async notes(): Promise<string[]> {
    return (await readFile(this.#notes, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  }

  /** Runs `start` and does not wait for its end. */
  start(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Said> } {
    return this.#run('start', this.file, '--pid-file', this.pidFile, ...args);
  }

  /** Runs a command to its end. */
  async run(command: string, ...args: string[]): Promise<Said> {
    return this.#run(command, ...args, '--pid-file', this.pidFile).ended;
  }

  async status(): Promise<Said & { readonly told: Record<string, unknown> }> {
    const said = await this.run('status', '--json');
    return { ...said, told: JSON.parse(said.output) as Record<string, unknown> };
  }

  #run(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Said> } {
    const child = spawn(process.execPath, [BIN, ...args], { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
    return { child, ended };
  }

  /** Ends what it started; what it started in the background by its pid file. */
  async close(): Promise<void> {
    await this.run('stop', '--timeout', '1');
    for (const child of this.#children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}
