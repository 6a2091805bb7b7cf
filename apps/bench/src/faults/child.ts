/** Program of a process under faults: `child.js ORDER`. Does with its side what it is asked for, and writes down each run. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Answer, ChildOrder, Line, Request } from './protocol.js';
import { SIDES } from './sides/index.js';

/** However a library closes, the process is not there for ever. */
const LAST_MS = 60_000;

const { side: name, port, leaseMs, holdMs, history } = JSON.parse(process.argv[2] ?? '') as ChildOrder;
const end = (): never => process.exit();
process.on('disconnect', end);

const open = await SIDES[name]();
const side = await open({ port, leaseMs }, async ({ key, ms }) => {
  note('start', key);
  await sleep(holdMs ?? ms);
  note('end', key);
  return `result-of-${key}`;
});

process.on('message', (request: Request) => void answer(request));
process.send?.('ready');

async function answer({ id, call, args }: Request): Promise<void> {
  const answer: Answer = await (side[call] as (...args: readonly unknown[]) => Promise<unknown>)
    .call(side, ...args)
    .then(
      (value) => ({ id, value }),
      (error: Error) => ({ id, error: `${error.name}: ${error.message}` }),
    );
  if (!process.connected) return;
  process.send?.(answer);
  if (call === 'close') leave();
}

/** Nothing of ours keeps the process from ending by itself. */
function leave(): void {
  setTimeout(end, LAST_MS).unref();
  process.off('disconnect', end);
  process.disconnect();
}

/** Written at once and to the system: it outlives a kill. */
function note(op: Line['op'], key: string): void {
  const line: Line = { at: Date.now(), pid: process.pid, op, key };
  appendFileSync(history, `${JSON.stringify(line)}\n`);
}
