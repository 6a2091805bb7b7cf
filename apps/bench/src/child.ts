import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Measurement, Task } from './measure/task.js';

const PROGRAM = fileURLToPath(new URL('./measure/main.js', import.meta.url));

/** The slowest: a million jobs to add before anything is measured. */
const TIMEOUT_MS = 60_000;

/**
 * Measures in a fresh process: nothing that one measurement has warmed or grown helps or hurts the next. Its own
 * children end with it.
 *
 * @throws Error with a sentence when it fails, or takes longer than a minute
 */
export async function measureInChild(task: Task, signal: AbortSignal): Promise<Measurement> {
  const child = fork(PROGRAM, [JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    signal,
  });
  let measurement: Measurement | undefined;
  let complaint = '';
  child.on('message', (message) => (measurement = message as Measurement));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const [, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (measurement !== undefined) return measurement;
  if (killedBy !== null) throw new Error(`it took longer than ${TIMEOUT_MS / 1_000} s.`);
  throw new Error(/^\w*Error: (.*)$/m.exec(complaint)?.[1] ?? complaint.trim().split('\n').at(-1) ?? 'it said nothing');
}
