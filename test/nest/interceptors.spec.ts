import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ExternalContextCreator, NestContainer } from '@nestjs/core';
import { describe, expect, it } from '@jest/globals';
import {
  catchError,
  concat,
  EMPTY,
  firstValueFrom,
  from,
  isObservable,
  lastValueFrom,
  map,
  of,
  retry,
  tap,
  throwError,
} from 'rxjs';

import { JobInterceptors } from '../../libs/nest/src/invocation/job-interceptors.js';

type Intercept = NestInterceptor['intercept'];
type Trail = string[];
type Case = (trail: Trail) => { readonly interceptors: Intercept[]; readonly handler: () => unknown };

const store = new AsyncLocalStorage<string>();
const pass: Intercept = (_, next) => next.handle();

/** Nest's own consumer, or the one that is put in its place. */
function consumer(isOurs: boolean): Pick<JobInterceptors, 'intercept'> {
  const creator = ExternalContextCreator.fromContainer(new NestContainer());
  if (isOurs) JobInterceptors.install(creator);
  return Reflect.get(creator, 'interceptorsConsumer') as JobInterceptors;
}

/** Runs a method within interceptors, and says all that could be seen of it. */
async function outcome(isOurs: boolean, make: Case): Promise<unknown> {
  const trail: Trail = [];
  const { interceptors, handler } = make(trail);
  class Host {
    method(): void {
      trail.push('never');
    }
  }
  const host = new Host();
  const stages = interceptors.map((intercept) => ({ intercept }));
  const next = async (): Promise<unknown> => handler();
  try {
    const result = await consumer(isOurs).intercept(stages, ['job'], host, host.method, next, 'job' as 'http');
    const isStream = isObservable(result);
    return { trail, value: isStream ? await lastValueFrom(result) : result, isStream };
  } catch (error) {
    return { trail, error: String(error) };
  }
}

const named =
  (trail: Trail, name: string): Intercept =>
  (context: ExecutionContext, next: CallHandler) => {
    trail.push(
      `${name} ${context.getType()} ${context.getClass().name}.${context.getHandler().name} ${context.getArgByIndex<string>(0)}`,
    );
    return next
      .handle()
      .pipe(
        tap({ next: (value) => trail.push(`${name} has ${String(value)}`), error: () => trail.push(`${name} fails`) }),
      );
  };

const CASES: Readonly<Record<string, Case>> = {
  none: () => ({ interceptors: [], handler: () => 'done' }),
  'several, from the first to the last and back': (trail) => ({
    interceptors: ['a', 'b', 'c'].map((name) => named(trail, name)),
    handler: () => trail.push('handler'),
  }),
  'one that changes the result': () => ({
    interceptors: [(_, next) => next.handle().pipe(map((value) => `${String(value)}!`))],
    handler: () => 'done',
  }),
  'one that is asynchronous': (trail) => ({
    interceptors: [named(trail, 'a'), async (_, next) => next.handle(), named(trail, 'b')],
    handler: () => 'done',
  }),
  'one that answers itself': (trail) => ({
    interceptors: [named(trail, 'a'), () => of('from a cache')],
    handler: () => trail.push('handler'),
  }),
  'one that answers with nothing': () => ({ interceptors: [pass, () => EMPTY], handler: () => 'done' }),
  'one that answers with a list': () => ({ interceptors: [(() => [1, 2]) as unknown as Intercept], handler: () => 0 }),
  'one that answers with no Observable': () => ({
    interceptors: [(() => 7) as unknown as Intercept],
    handler: () => 0,
  }),
  'one that throws': (trail) => ({
    interceptors: [
      named(trail, 'a'),
      () => {
        throw new Error('no');
      },
    ],
    handler: () => trail.push('handler'),
  }),
  'one that mends an error': (trail) => ({
    interceptors: [(_, next) => next.handle().pipe(catchError(() => of('mended'))), named(trail, 'b')],
    handler: () => Promise.reject(new Error('no')),
  }),
  'one that tries again': (trail) => ({
    interceptors: [(_, next) => next.handle().pipe(retry(2)), named(trail, 'b')],
    handler: () => {
      trail.push('handler');
      if (trail.filter((each) => each === 'handler').length < 3) throw new Error('not yet');
      return 'at last';
    },
  }),
  'one that goes on twice': (trail) => ({
    interceptors: [(_, next) => concat(next.handle(), next.handle())],
    handler: () => trail.push('handler'),
  }),
  'one that needs no more than the first value': (trail) => ({
    interceptors: [(_, next) => from(firstValueFrom(next.handle()))],
    handler: () => of(1, 2, 3).pipe(tap({ unsubscribe: () => trail.push('given up') })),
  }),
  'a handler that gives an Observable': (trail) => ({
    interceptors: [named(trail, 'a'), pass],
    handler: () => of(1, 2, 3),
  }),
  'a handler that gives an Observable that fails': (trail) => ({
    interceptors: [named(trail, 'a')],
    handler: () => throwError(() => new Error('no')),
  }),
  'a handler that gives nothing': () => ({ interceptors: [pass, pass], handler: () => undefined }),
  'what an interceptor has opened around the rest': (trail) => ({
    interceptors: [(_, next) => store.run('open', () => next.handle()), pass],
    handler: async () => {
      trail.push(`handler: ${store.getStore()}`);
      await Promise.resolve();
      return store.getStore();
    },
  }),
};

describe('interceptors', () => {
  it.each(Object.entries(CASES))('run as those of a controller do: %s', async (_, make) => {
    const ours = await outcome(true, make);
    expect(ours).toEqual(await outcome(false, make));
    expect(ours).toMatchObject({ trail: expect.any(Array) });
  });

  it('are left to Nest where its creator is built otherwise', () => {
    const creator = { interceptorsConsumer: { intercept: () => undefined } } as unknown as ExternalContextCreator;
    const before = Reflect.get(creator, 'interceptorsConsumer') as unknown;
    JobInterceptors.install(creator);
    expect(Reflect.get(creator, 'interceptorsConsumer')).toBe(before);
  });
});
