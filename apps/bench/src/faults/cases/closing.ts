/** `close()` in each state of the connection. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { FaultCase, Figures } from '../case.js';
import type { Lab } from '../lab.js';
import type { Member } from '../member.js';
import { settled } from './outcome.js';

const CLOSE_PATIENCE_MS = 20_000;
const A_WHILE_MS = 1_500;

/** Two processes in the same state: one is closed, the other one is told not to wait. */
type Pair = readonly [Member, Member];

async function closeBoth(lab: Lab, [plain, forced]: Pair): Promise<Figures> {
  const [one, other] = await Promise.all([close(lab, plain, false), close(lab, forced, true)]);
  return {
    closeMs: one.closeMs,
    exitMs: one.exitMs,
    forcedCloseMs: other.closeMs,
    forcedExitMs: other.exitMs,
    errors: one.errors + other.errors,
  };
}

interface Closing {
  readonly closeMs: number | null;
  readonly exitMs: number | null;
  readonly errors: number;
}

async function close(lab: Lab, member: Member, isForced: boolean): Promise<Closing> {
  const began = Date.now();
  const closing = settled(lab, member.call('close', isForced));
  const hasExited = await lab.until(async () => member.hasEnded, Math.min(CLOSE_PATIENCE_MS, lab.settings.patienceMs));
  const exitMs = hasExited ? Date.now() - began : null;
  const { ms, isRefused } = await Promise.race([closing, unanswered()]);
  return { closeMs: ms, exitMs, errors: isRefused ? 1 : 0 };
}

/** What has settled by then wins against it. */
async function unanswered(): Promise<{ readonly ms: null; readonly isRefused: false }> {
  await sleep(100);
  return { ms: null, isRefused: false };
}

async function working(lab: Lab, port?: number): Promise<Pair> {
  const pair = await members(lab, port);
  for (const [number, member] of pair.entries()) {
    await member.call('work', 1);
    await member.call('add', { key: `job-${number}`, ms: 0 });
    await lab.started(`job-${number}`);
  }
  return pair;
}

/** They begin while Redis does not answer. */
async function waiting(lab: Lab, port?: number): Promise<Pair> {
  const pair = await members(lab, port);
  for (const member of pair) await member.call('work', 1, true);
  await sleep(A_WHILE_MS);
  return pair;
}

async function members(lab: Lab, port?: number): Promise<Pair> {
  const options = port === undefined ? {} : { port };
  return [await lab.member(options), await lab.member(options)];
}

export const CLOSING: readonly FaultCase[] = [
  {
    name: 'R10-ready',
    title: 'closing an idle worker and its queue',
    setup: 'All is well: the worker waits for jobs. Each state has two processes; the second one is told not to wait.',
    remark: 'That is worker.close(true) of BullMQ, which it documents for not waiting, and stop({ timeoutMs: 0 }).',
    run: async (lab) => {
      const pair = await working(lab);
      await sleep(A_WHILE_MS);
      return closeBoth(lab, pair);
    },
  },
  {
    name: 'R10-reconnecting',
    title: 'closing while Redis is away',
    setup: 'The worker was at work; Redis was killed 1.5 s before.',
    run: async (lab) => {
      const pair = await working(lab);
      await lab.server.crash();
      await sleep(A_WHILE_MS);
      return closeBoth(lab, pair);
    },
  },
  {
    name: 'R10-absent',
    title: 'closing when Redis has never been there',
    setup: 'Queue and worker were made 1.5 s before, against a port where nobody listens.',
    run: async (lab) => {
      await lab.server.crash();
      return closeBoth(lab, await waiting(lab));
    },
  },
  {
    name: 'R10-connecting',
    title: 'closing while the connection is being made',
    setup: 'The server has accepted connections 1.5 s before, and answers nothing.',
    run: async (lab) => {
      const proxy = await lab.proxy();
      proxy.swallowNew();
      return closeBoth(lab, await waiting(lab, proxy.port));
    },
  },
  {
    name: 'R10-silent',
    title: 'closing when the connections have gone silent',
    setup: 'The worker was at work; its connections swallow everything and stay open.',
    run: async (lab) => {
      const proxy = await lab.proxy();
      const pair = await working(lab, proxy.port);
      proxy.silence();
      return closeBoth(lab, pair);
    },
  },
];
