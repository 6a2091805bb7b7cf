import { describe, expect, it } from '@jest/globals';

import { InvalidNameError, InvalidOptionError, UnknownOptionError } from '../errors/index.js';
import { defineQueue, job, type StandardSchema } from './index.js';

const schema: StandardSchema<{ day: string }, { day: number }> = {
  '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { day: 1 } }) },
};

describe('defineQueue', () => {
  it('binds each job to its name and queue, and keeps its schema', () => {
    const mail = defineQueue('mail', {
      welcome: job<{ userId: string }>(),
      'mail.digest': job(schema).returns<number>(),
    });
    expect(mail.name).toBe('mail');
    expect(mail).not.toHaveProperty('slot');
    expect(mail.jobs.welcome).toMatchObject({ name: 'welcome', queue: 'mail', schema: undefined });
    expect(mail.jobs['mail.digest']).toMatchObject({ name: 'mail.digest', queue: 'mail', schema });
    expect(Object.isFrozen(mail) && Object.isFrozen(mail.jobs)).toBe(true);
  });

  it('keeps the slot', () => {
    expect(defineQueue('mail', {}, { slot: 'post' }).slot).toBe('post');
  });

  it('lets one contract stand for jobs of two names', () => {
    const contract = job<{ userId: string }>();
    const { jobs } = defineQueue('mail', { welcome: contract, goodbye: contract });
    expect([jobs.welcome.name, jobs.goodbye.name]).toEqual(['welcome', 'goodbye']);
  });

  it('takes a job called __proto__ for a job like any other [case:P7]', () => {
    const jobs = Object.defineProperty({}, '__proto__', { value: job(), enumerable: true });
    expect(Object.keys(defineQueue('mail', jobs).jobs)).toEqual(['__proto__']);
  });

  it('refuses what is no contract', () => {
    expect(() => defineQueue('{mail}', {})).toThrow(InvalidNameError);
    expect(() => defineQueue('mail', { '': job() })).toThrow(InvalidNameError);
    expect(() => defineQueue('mail', { welcome: {} as never })).toThrow(InvalidOptionError);
    expect(() => defineQueue('mail', {}, { slots: 'a' } as never)).toThrow(UnknownOptionError);
  });
});
