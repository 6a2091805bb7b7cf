import { describe, expect, it } from '@jest/globals';

import { InvalidNameError, UnknownOptionError } from '../../errors/index.js';
import {
  QUEUE_CONFIG_DEFAULTS,
  resolveQueueConfigPatch,
  resolveQueueOptions,
  type QueueConfigPatch,
  type QueueOptions,
} from '../index.js';

const WHERE = "new Queue('mail')";
const connection = {};

describe('resolveQueueOptions', () => {
  it('fills in what is left out', () => {
    expect(resolveQueueOptions({ connection }, WHERE)).toEqual({
      connection,
      defaults: {},
      maxPayloadBytes: 1_048_576,
      middleware: [],
    });
    expect(resolveQueueOptions({ connection }, WHERE).connection).toBe(connection);
  });

  it.each([
    [{}, 'connection'],
    [{ connection, maxPayloadBytes: 0 }, 'maxPayloadBytes'],
    [{ connection, maxPayloadBytes: Infinity }, 'maxPayloadBytes'],
    [{ connection, defaults: { maxAttempts: 0 } }, 'defaults.maxAttempts'],
    [{ connection, logger: {} }, 'logger'],
  ])('refuses %p', (options, path) => {
    expect(() => resolveQueueOptions(options as QueueOptions, WHERE)).toThrow(expect.objectContaining({ path }));
  });

  it('refuses a slot with braces [case:A14]', () => {
    expect(() => resolveQueueOptions({ connection, slot: '{a}' }, WHERE)).toThrow(InvalidNameError);
  });

  it('answers names of other queues', () => {
    const options = { connection, defaultJobOptions: {} } as QueueOptions;
    expect(() => resolveQueueOptions(options, WHERE)).toThrow('In Millrace it is defaults.');
  });
});

describe('resolveQueueConfigPatch', () => {
  it('keeps only what changes', () => {
    expect(resolveQueueConfigPatch({ keep: { completed: { count: 5 } }, leaseMs: undefined }, 'config.set()')).toEqual({
      keep: { completed: { count: 5 } },
    });
  });

  it.each([
    [{ keep: { completed: { count: -1 } } }, 'keep.completed.count'],
    [{ keep: { failed: { ageMs: NaN } } }, 'keep.failed.ageMs'],
    [{ leaseMs: 5 }, 'leaseMs'],
    [{ keep: 5 }, 'keep'],
  ])('refuses %p', (patch, path) => {
    expect(() => resolveQueueConfigPatch(patch as QueueConfigPatch, 'config.set()')).toThrow(
      expect.objectContaining({ path }),
    );
  });

  it('refuses a state that jobs do not end in', () => {
    const patch = { keep: { waiting: {} } } as QueueConfigPatch;
    expect(() => resolveQueueConfigPatch(patch, 'config.set()')).toThrow(UnknownOptionError);
  });

  it('has a retention for each final state by default [seed:A24, seed:H8]', () => {
    const day = 86_400_000;
    expect(QUEUE_CONFIG_DEFAULTS.keep).toEqual({
      completed: { count: 1_000, ageMs: day },
      cancelled: { count: 1_000, ageMs: day },
      failed: { count: 10_000, ageMs: 30 * day },
      timed_out: { count: 10_000, ageMs: 30 * day },
      broken: { count: 10_000, ageMs: 30 * day },
    });
  });
});
