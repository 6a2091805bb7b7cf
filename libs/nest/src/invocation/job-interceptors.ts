import { AsyncResource } from 'node:async_hooks';
import type { CallHandler, ContextType, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { ExternalContextCreator } from '@nestjs/core';
import { from, isObservable, Observable, type Subscriber } from 'rxjs';

/** What of Nest's `InterceptorsConsumer` is needed. */
interface Consumer {
  intercept(...parameters: Parameters<JobInterceptors['intercept']>): Promise<unknown>;
  createContext(args: unknown[], instance: object, callback: unknown): Settable;
}

type Settable = ExecutionContext & { setType(type: ContextType): void };

/**
 * Runs interceptors as Nest's own `InterceptorsConsumer` does, for less: that one wraps each call in six Observables and
 * promises, this one in one. With one interceptor, jobs of a processor cost 6 µs less of Node.
 */
export class JobInterceptors {
  /** Makes a context creator run interceptors by this class, if it is built as those of Nest 11 and 12 are. */
  static install(creator: ExternalContextCreator): void {
    const own = Reflect.get(creator, 'interceptorsConsumer') as Partial<Consumer> | undefined;
    if (typeof own?.intercept !== 'function' || typeof own.createContext !== 'function') return;
    Reflect.set(creator, 'interceptorsConsumer', new JobInterceptors(own as Consumer));
  }

  readonly #nest: Consumer;

  private constructor(nest: Consumer) {
    this.#nest = nest;
  }

  async intercept(
    interceptors: readonly NestInterceptor[] | undefined,
    args: unknown[],
    instance: object,
    callback: unknown,
    next: () => Promise<unknown>,
    type: ContextType,
  ): Promise<unknown> {
    const [first] = interceptors ?? [];
    if (interceptors === undefined || first === undefined) return next();
    const context = this.#nest.createContext(args, instance, callback);
    context.setType(type);
    return intercept(first, context, new Rest({ interceptors, context, next }, 1));
  }
}

/** One call of a method within its interceptors. */
interface Call {
  readonly interceptors: readonly NestInterceptor[];
  readonly context: ExecutionContext;
  /** Runs the method, and what stands between it and the last interceptor. */
  readonly next: () => Promise<unknown>;
}

/** What an interceptor has before it: the ones behind it, and the method. */
class Rest implements CallHandler {
  readonly #call: Call;
  readonly #place: number;

  constructor(call: Call, place: number) {
    this.#call = call;
    this.#place = place;
  }

  handle(): Observable<unknown> {
    // What runs later runs where `handle` was called: an interceptor may have opened an AsyncLocalStorage around it.
    const scope = new AsyncResource('JobInterceptor');
    return new Observable((subscriber) => scope.runInAsyncScope(this.#begin, this, subscriber));
  }

  #begin(subscriber: Subscriber<unknown>): void {
    const interceptor = this.#call.interceptors[this.#place];
    if (interceptor === undefined) {
      this.#call.next().then(
        (result) => (isObservable(result) ? follow(from(result), subscriber) : tell(result, subscriber)),
        (error: unknown) => subscriber.error(error),
      );
      return;
    }
    intercept(interceptor, this.#call.context, new Rest(this.#call, this.#place + 1)).then(
      (result) => follow(result, subscriber),
      (error: unknown) => subscriber.error(error),
    );
  }
}

/**
 * What an interceptor throws at once is the same as what it rejects with. What it gives may come from another copy of rxjs, or
 * be anything else that rxjs takes for an Observable.
 */
async function intercept(
  interceptor: NestInterceptor,
  context: ExecutionContext,
  rest: Rest,
): Promise<Observable<unknown>> {
  return from(await interceptor.intercept(context, rest));
}

function follow(source: Observable<unknown>, subscriber: Subscriber<unknown>): void {
  if (!subscriber.closed) source.subscribe(subscriber);
}

function tell(result: unknown, subscriber: Subscriber<unknown>): void {
  subscriber.next(result);
  subscriber.complete();
}
