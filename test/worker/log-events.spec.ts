import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CancelError,
  jsonLogger,
  SnoozeError,
  textLogger,
  type AnyJobs,
  type LogEvents,
  type Queue,
  type WorkerOptions,
} from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';

type Line = { readonly level: string; readonly event?: string; readonly message: string } & Record<string, unknown>;

describe('the log of a worker', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let lines: Line[];

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    lines = [];
  });

  afterEach(() => harness.close());

  const all: LogEvents = { 'job.start': 'info', 'job.success': 'info' };

  function work(settings: Partial<WorkerOptions>): Promise<unknown> {
    const logger = jsonLogger({ level: 'debug', write: (line) => lines.push(JSON.parse(line) as Line) });
    return harness.worker({ logger, logEvents: all, ...settings } as never);
  }

  function events(...names: string[]): Line[] {
    return lines.filter(({ event }) => event !== undefined && names.includes(event));
  }

  const jobEvents = (): string[] => lines.flatMap(({ event }) => (event?.startsWith('job.') === true ? [event] : []));

  it('has a line at the start and the end of a job, with how long it took [seed:O17] [seed:H16] [seed:A18]', async () => {
    await work({ handler: () => new Promise((resolve) => setTimeout(resolve, 20)) });
    const job = await queue.add('welcome', null);
    await queue.result(job.id);
    await waitFor('the line', () => events('job.success').length === 1);
    expect(jobEvents()).toEqual(['job.start', 'job.success']);
    const [success] = events('job.success');
    expect(success).toMatchObject({ level: 'info', queue: 'mail', job: job.id, name: 'welcome', attempt: 1 });
    expect(success?.['durationMs']).toBeGreaterThanOrEqual(19);
    expect(Date.parse(String(success?.['time']))).toBeGreaterThan(Date.now() - 60_000);
  });

  it('tells a failure that is tried again from the last one, and a timeout from both [seed:O17] [seed:O10]', async () => {
    await work({
      defaults: { maxAttempts: 2, backoff: { type: 'fixed', delayMs: 1 } },
      handlers: {
        bad: () => {
          throw new Error('no card');
        },
        slow: { run: () => new Promise(() => {}), timeoutMs: 30 },
      },
    });
    const bad = await queue.add('bad', null);
    await expect(queue.result(bad.id)).rejects.toThrow('no card');
    await waitFor('the last line', () => events('job.permanent-failure').length === 1);
    expect(jobEvents()).toEqual(['job.start', 'job.failure', 'job.start', 'job.failure', 'job.permanent-failure']);
    const [first, last] = events('job.failure');
    expect(first).toMatchObject({ level: 'warn', mode: 'retry', isCounted: true, retryInMs: 1, error: 'no card' });
    expect(last).toMatchObject({ mode: 'permanent', attempt: 2 });
    expect(events('job.permanent-failure')[0]).toMatchObject({ level: 'error', state: 'failed', job: bad.id });
    expect(events('job.permanent-failure')[0]?.['stack']).toContain('log-events.spec');
    lines.length = 0;
    const slow = await queue.add('slow', null);
    await expect(queue.result(slow.id)).rejects.toMatchObject({ state: 'timed_out' });
    await waitFor('the last line', () => events('job.permanent-failure').length === 1);
    expect(jobEvents().filter((name) => name !== 'job.start')).toEqual([
      'job.timeout',
      'job.timeout',
      'job.permanent-failure',
    ]);
    for (const line of events('job.timeout')) expect(line['durationMs']).toBeGreaterThanOrEqual(29);
  });

  it('has a line for a job that is killed, by others or by itself, and for one that snoozes [seed:O17] [seed:O14]', async () => {
    await work({
      handlers: {
        long: () => new Promise(() => {}),
        own: () => {
          throw new CancelError('not wanted');
        },
        lazy: () => {
          throw new SnoozeError({ delayMs: 60_000 });
        },
      },
    });
    const long = await queue.add('long', null);
    await waitFor('it to run', () => events('job.start').length === 1);
    await queue.cancel(long.id);
    await waitFor('the line', () => events('job.kill').length === 1);
    expect(events('job.kill')[0]).toMatchObject({ job: long.id, reason: 'cancelled' });
    await queue.add('own', null);
    await waitFor('the line', () => events('job.kill').length === 2);
    await queue.add('lazy', null);
    await waitFor('the line', () => events('job.snooze').length === 1);
    expect(events('job.snooze')[0]).toMatchObject({ level: 'debug', retryInMs: 60_000 });
  });

  it('tells what polls and housekeeping did, at debug [seed:O17] [seed:H16]', async () => {
    await work({ handler: () => 1 });
    await queue.addMany([1, 2, 3].map((data) => ({ name: 'any', data })));
    await waitFor('jobs and the end of them to be told', () => {
      const polls = events('queue.poll');
      return polls.some(({ jobs }) => Number(jobs) > 0) && polls.at(-1)?.['isDry'] === true;
    });
    await waitFor('the housekeeping', () => events('queue.housekeeping').length > 0);
    expect(events('queue.poll')[0]).toMatchObject({ level: 'debug', queue: 'mail' });
    expect(events('queue.housekeeping')[0]).toMatchObject({ level: 'debug', queue: 'mail', stalled: 0 });
    expect(events('queue.housekeeping')[0]?.['durationMs']).toBeGreaterThanOrEqual(0);
    expect(events('worker.state').map(({ state }) => state)).toEqual(['starting', 'running']);
  });

  it('is off where nobody asks, and level by level as asked [seed:O17] [seed:A18]', async () => {
    await work({ handler: () => 1, logEvents: false });
    await queue.result((await queue.add('any', null)).id);
    expect(lines.filter(({ event }) => event !== undefined)).toEqual([]);
    await expect(work({ handler: () => 1, logEvents: { 'job.start': 'loud' } as never })).rejects.toThrow(/job\.start/);
    await expect(work({ handler: () => 1, logEvents: { 'job.begin': 'info' } as never })).rejects.toThrow(/job\.start/);
  });

  it('by default has neither starts nor successes [seed:O17]', async () => {
    await work({ handler: () => 1, logEvents: true });
    await queue.result((await queue.add('any', null)).id);
    await waitFor('a poll', () => events('queue.poll').length > 1);
    expect(jobEvents()).toEqual([]);
  });

  it('can be text as well, from a level on [seed:O17] [seed:A18]', () => {
    const texts: string[] = [];
    const logger = textLogger({ write: (line) => texts.push(line), fields: { service: 'mails' } });
    logger.debug('unseen');
    logger.info('Job mail/1 completed.', { event: 'job.success', durationMs: 3, note: 'two words', list: [1] });
    logger.error('Job failed.', { error: new Error('no "card"'), nothing: undefined });
    expect(texts.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'INFO  Job mail/1 completed. service=mails event=job.success durationMs=3 note="two words" list=[1]',
      'ERROR Job failed. service=mails error="no \\"card\\""',
    ]);
    expect(texts[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z /);
  });

  it('of JSON has one object a line, whatever the fields are', () => {
    const texts: string[] = [];
    const logger = jsonLogger({ level: 'error', write: (line) => texts.push(line) });
    logger.warn('unseen');
    logger.error('two\nlines', { error: new TypeError('x'), big: 10n });
    expect(texts).toHaveLength(1);
    expect(texts[0]).not.toContain('\n');
    const fields = { level: 'error', message: 'two\nlines', big: '10', error: { name: 'TypeError', message: 'x' } };
    expect(JSON.parse(texts[0]!)).toMatchObject(fields);
  });
});
