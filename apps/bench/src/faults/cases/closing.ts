/** `close()` in each state of the connection. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { FaultCase, Figures } from '../case.js';
import type { Lab } from '../lab.js';
import type { Member } from '../member.js';
import { settled } from './outcome.js';

const CLOSE_PATIENCE_MS = 20_000;
const A_WHILE_MS = 1_500;

const REMARK =
  'BullMQ documents worker.close() as waiting for running jobs without a bound of its own, and close(true) as not waiting for them; no job runs here.';

async function closeNow(lab: Lab, member: Member): Promise<Figures> {
  const began = Date.now();
  const closing = settled(lab, member.call('close'));
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

async function working(lab: Lab, port?: number): Promise<Member> {
  const member = await lab.member(port === undefined ? {} : { port });
  await member.call('work', 1);
  await member.call('add', { key: 'first', ms: 0 });
  await lab.started('first');
  return member;
}

/** A member that begins while Redis does not answer. */
async function waiting(lab: Lab, port?: number): Promise<Member> {
  const member = await lab.member(port === undefined ? {} : { port });
  await member.call('work', 1, true);
  await sleep(A_WHILE_MS);
  return member;
}

export const CLOSING: readonly FaultCase[] = [
  {
    name: 'R10-ready',
    title: 'close() of an idle worker and its queue',
    setup: 'All is well: the worker waits for jobs.',
    remark: REMARK,
    run: async (lab) => {
      const member = await working(lab);
      await sleep(A_WHILE_MS);
      return closeNow(lab, member);
    },
  },
  {
    name: 'R10-reconnecting',
    title: 'close() while Redis is away',
    setup: 'The worker was at work; Redis was killed 1.5 s before.',
    remark: REMARK,
    run: async (lab) => {
      const member = await working(lab);
      await lab.server.crash();
      await sleep(A_WHILE_MS);
      return closeNow(lab, member);
    },
  },
  {
    name: 'R10-absent',
    title: 'close() when Redis has never been there',
    setup: 'Queue and worker were made 1.5 s before, against a port where nobody listens.',
    remark: REMARK,
    run: async (lab) => {
      await lab.server.crash();
      return closeNow(lab, await waiting(lab));
    },
  },
  {
    name: 'R10-connecting',
    title: 'close() while the connection is being made',
    setup: 'The server accepts connections and answers nothing, for 1.5 s until then.',
    remark: REMARK,
    run: async (lab) => {
      const proxy = await lab.proxy();
      proxy.swallowNew();
      return closeNow(lab, await waiting(lab, proxy.port));
    },
  },
  {
    name: 'R10-silent',
    title: 'close() when the connections have gone silent',
    setup: 'The worker was at work; its connections swallow everything and stay open.',
    remark: REMARK,
    run: async (lab) => {
      const proxy = await lab.proxy();
      const member = await working(lab, proxy.port);
      proxy.silence();
      return closeNow(lab, member);
    },
  },
];
