import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { waitFor } from '../../support/wait-for.ts';

/** The programs as the build made them. */
const DIST = fileURLToPath(new URL('../../../apps/bench/dist/', import.meta.url));

const TEMPORARY = 'temporary';

/** A run of the benchmark in a folder of its own, with its temporary files in there, and as a process group of its own. */
export class BenchProcess {
  stdout = '';
  stderr = '';
  /** The exit code. */
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;

  private constructor(
    private readonly folder: string,
    program: string,
    args: readonly string[],
  ) {
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.#process = spawn(process.execPath, [DIST + program, ...args], {
      cwd: folder,
      env: { ...env, TMPDIR: join(folder, TEMPORARY) },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout?.on('data', (text: Buffer) => (this.stdout += text.toString()));
    this.#process.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
    this.exited = once(this.#process, 'close').then(([code]) => code as number | null);
  }

  static start(...args: readonly string[]): Promise<BenchProcess> {
    return BenchProcess.#start('main.js', args);
  }

  /** The smoke of faults. */
  static startFaults(...args: readonly string[]): Promise<BenchProcess> {
    return BenchProcess.#start('faults/main.js', args);
  }

  /** The loads. */
  static startLimits(...args: readonly string[]): Promise<BenchProcess> {
    return BenchProcess.#start('limits/main.js', args);
  }

  static async #start(program: string, args: readonly string[]): Promise<BenchProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
    await mkdir(join(folder, TEMPORARY));
    return new BenchProcess(folder, program, args);
  }

  /** The text of a file that it wrote. */
  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8');
  }

  /** Ctrl-C, to the benchmark alone: what it started must hear of it from it. */
  interrupt(): void {
    this.#process.kill('SIGINT');
  }

  /** Its temporary files. */
  files(): Promise<string[]> {
    return readdir(join(this.folder, TEMPORARY));
  }

  /** What is there after its end: temporary files, and whether a process of its group lives. One that was ended takes a moment to go. */
  async leftovers(): Promise<{ readonly files: string[]; readonly processes: boolean }> {
    const areGone = waitFor('its processes to go', () => !this.#signalGroup(0));
    const processes = await areGone.then(
      () => false,
      () => true,
    );
    return { files: await this.files(), processes };
  }

  /** Ends what there may still be of it. */
  async remove(): Promise<void> {
    this.#signalGroup('SIGKILL');
    await this.exited;
    await rm(this.folder, { recursive: true, force: true });
  }

  /** False when there is no such group any more. */
  #signalGroup(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.#process.pid!, signal);
    } catch {
      return false;
    }
  }
}
