import { ModulesContainer } from '@nestjs/core';
import { afterEach, expect, it } from '@jest/globals';
import { ActiveJob, getQueueToken, JobsModule, OnJob, Processor, Queue } from '../../libs/nest/src/index.js';
import { closeApplications, rootOptions, startApplication } from './support/application.ts';
import { runJob } from './support/finish.ts';

@Processor('mail')
class MailProcessor {
  @OnJob() welcome(_job: ActiveJob): string {
    return 'done';
  }
}

let restore = (): void => {};

afterEach(async () => {
  await closeApplications();
  restore();
});

/** Makes this Nest one whose order of hooks nobody can change from outside. */
async function freezeDistances(): Promise<void> {
  const { app } = await startApplication({});
  const [module] = app.get(ModulesContainer).values();
  const prototype = Object.getPrototypeOf(module) as object;
  const original = Object.getOwnPropertyDescriptor(prototype, 'distance')!;
  restore = () => Object.defineProperty(prototype, 'distance', original);
  Object.defineProperty(prototype, 'distance', {
    ...original,
    set(this: object, distance: number) {
      if (distance > 0 && distance < Infinity) original.set?.call(this, distance);
    },
  });
}

it('a Nest that orders hooks by itself is noticed, said, and works [nest:H9]', async () => {
  await freezeDistances();
  const { app, logger } = await startApplication({
    imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
    providers: [MailProcessor],
  });
  expect(logger.of('warn')).toEqual([
    expect.stringContaining('This version of Nest does not order lifecycle hooks by module distance.'),
  ]);
  expect(await runJob(app.get<Queue>(getQueueToken('mail')), 'welcome')).toMatchObject({ result: 'done' });
});

it('nothing is said where Nest obeys [nest:H9]', async () => {
  const { logger } = await startApplication({
    imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
    providers: [MailProcessor],
  });
  expect(logger.of('warn')).toEqual([]);
});
