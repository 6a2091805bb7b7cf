/** Answers that are lost after Redis has executed the command. */
import type { FaultCase, Figures } from '../case.js';
import type { Lab } from '../lab.js';
import { acceptedAgain, ended, fate, settled, since } from './outcome.js';

/** Nothing of a case has this text but the one command or answer that is to be found. */
const KEY = 'marked-4f1c9a';

async function loseEnd(lab: Lab): Promise<Figures> {
  const proxy = await lab.proxy();
  const observer = await lab.member();
  await observer.call('watch');
  const worker = await lab.member({ port: proxy.port });
  await worker.call('work', 1);
  const lost = proxy.loseAnswerTo(`result-of-${KEY}`);
  const id = await observer.call('add', { key: KEY, ms: 50 });
  await lost;
  const cutAt = Date.now();
  await observer.call('add', { key: 'next', ms: 0 });
  const nextAt = await lab.started('next');
  await ended(lab, observer, id);
  const outcome = await fate(observer, id);
  return {
    ...outcome,
    twice: (await lab.runs('start', KEY)).length - 1,
    acceptedTwice: await acceptedAgain(lab, observer, id),
    recoveryMs: since(cutAt, nextAt),
  };
}

async function loseFetch(lab: Lab): Promise<Figures> {
  const proxy = await lab.proxy();
  const observer = await lab.member();
  await observer.call('watch');
  const worker = await lab.member({ port: proxy.port });
  await worker.call('work', 1);
  await observer.call('add', { key: 'first', ms: 0 });
  await lab.started('first');
  const lost = proxy.loseAnswerWith(KEY);
  const id = await observer.call('add', { key: KEY, ms: 0 });
  await lost;
  const cutAt = Date.now();
  const startedAt = await lab.started(KEY);
  await ended(lab, observer, id);
  const outcome = await fate(observer, id);
  return {
    ...outcome,
    twice: Math.max(0, (await lab.runs('start', KEY)).length - 1),
    acceptedTwice: await acceptedAgain(lab, observer, id),
    recoveryMs: since(cutAt, startedAt),
  };
}

async function loseAdd(lab: Lab, id?: string): Promise<Figures> {
  const proxy = await lab.proxy();
  const observer = await lab.member();
  const producer = await lab.member({ port: proxy.port });
  await producer.call('add', { key: 'first', ms: 0 });
  const lost = proxy.loseAnswerTo(KEY);
  const adding = producer.call('add', { key: KEY, ms: 0 }, ...(id === undefined ? [] : [id]));
  const settling = settled(lab, adding);
  await lost;
  const { ms, isRefused } = await settling;
  const stored = await observer.call('stored');
  const worker = await lab.member();
  await worker.call('work', 1);
  await observer.call('add', { key: 'last', ms: 0 });
  await lab.started('last');
  const runs = (await lab.runs('start', KEY)).length;
  return {
    lost: !isRefused && runs === 0 ? 1 : 0,
    storedTwice: Math.max(0, stored - 2),
    twice: Math.max(0, runs - 1),
    errors: isRefused ? 1 : 0,
    unanswered: ms === null ? 1 : 0,
    settledMs: ms,
  };
}

export const ANSWERS: readonly FaultCase[] = [
  {
    name: 'C4-end',
    title: 'the answer to the end of a job is lost',
    setup:
      'A proxy before the worker lets the command through that has the result, and resets its connection in place of the answer. It is measured until the worker starts the next job.',
    run: loseEnd,
  },
  {
    name: 'R7-fetch',
    title: 'the answer that brings a job is lost',
    setup:
      'The proxy resets the connection in place of the answer that has the job: Redis holds it as running, and no worker knows. One worker; it is measured until it starts the job.',
    run: loseFetch,
  },
  {
    name: 'R7-add',
    title: 'the answer to an add is lost',
    setup: 'A proxy before the producer lets the add through and resets its connection in place of the answer.',
    remark:
      'ioredis sends again what was not answered. BullMQ documents ids of the caller (jobId) as the way to have a job once; see the next case.',
    run: (lab) => loseAdd(lab),
  },
  {
    name: 'R7-add-id',
    title: 'the answer to an add with an id of the caller is lost',
    setup: 'The same, with jobId or id.',
    run: (lab) => loseAdd(lab, 'mine'),
  },
];
