import { spawnSync } from 'node:child_process';

/** Where and with what a program runs. */
export interface RunSettings {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** Runs a program to its end, its output on ours, and gives its exit status. A signal or a time-out is no status of 0. */
export function status(program: string, args: readonly string[], settings: RunSettings): number {
  const { cwd, env = process.env, timeoutMs } = settings;
  const result = spawnSync(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    killSignal: 'SIGKILL',
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  if (result.error) console.error(`${program}: ${result.error.message}`);
  return result.status ?? 1;
}

/** @throws Error where the program does not end with 0 */
export function run(program: string, args: readonly string[], settings: RunSettings): void {
  const code = status(program, args, settings);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
}

/** What a program printed. @throws Error where it does not end with 0 */
export function output(program: string, args: readonly string[], settings: RunSettings): string {
  const { stdout, status: code } = spawnSync(program, args, {
    cwd: settings.cwd,
    env: settings.env ?? process.env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return stdout;
}
