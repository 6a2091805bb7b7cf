import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import {
  allEvents,
  listQueues,
  metricsText,
  type AllEventsOptions,
  type AnyJobs,
  type AnyQueueEvent,
  type EventsOptions,
  type JobMap,
  type ListQueuesOptions,
  type MetricsOptions,
  type Queue,
  type QueueEvent,
  type QueueInfo,
} from '@millrace/core';
import { from, Observable } from 'rxjs';

import { DEFAULT_ROOT } from './jobs.constants.js';
import { JobsRegistry } from './registration/jobs-registry.js';

/** Queues whose names are known only while the application runs. */
@Injectable()
export class JobsService {
  readonly #registry: JobsRegistry;

  constructor(modules: ModulesContainer) {
    this.#registry = JobsRegistry.of(modules);
  }

  /**
   * The queue of this name: the registered one, or one with the defaults of its root. Always the same object; closed with
   * the application.
   *
   * @param root the name given to `forRoot({ name })`; the unnamed root by default
   * @throws InvalidNameError; JobsError (code `NO_ROOT`)
   */
  queue<M extends JobMap = AnyJobs>(name: string, root: string = DEFAULT_ROOT): Queue<M> {
    return this.#registry.root(root).queue(name) as unknown as Queue<M>;
  }

  /** The queues that this application uses, by name. */
  queues(root: string = DEFAULT_ROOT): Queue[] {
    return this.#registry.root(root).queues;
  }

  /** All of them at a glance: counts, latency, whether they are paused, workers. */
  info(root: string = DEFAULT_ROOT): Promise<QueueInfo[]> {
    return Promise.all(this.queues(root).map((queue) => queue.info()));
  }

  /** Every queue under the prefix of the root, whichever application made it, a page of names at a time. */
  listQueues(options: ListQueuesOptions = {}, root: string = DEFAULT_ROOT): Promise<QueueInfo[]> {
    return listQueues(this.#registry.root(root).connection, options);
  }

  /**
   * The metrics of the queues that this application uses, as text for Prometheus; with `METRICS_CONTENT_TYPE` as its type. Those of
   * every queue under the prefix: `metricsText(connection)`.
   *
   * @throws NoRedisError
   */
  async metrics(options: MetricsOptions = {}, root: string = DEFAULT_ROOT): Promise<string> {
    return metricsText(this.queues(root), options);
  }

  /** The events of a queue as an Observable; unsubscribing ends the reading. */
  events(name: string, options: Omit<EventsOptions, 'signal'> = {}, root?: string): Observable<QueueEvent> {
    const queue = this.queue(name, root);
    return observe((signal) => queue.events({ ...options, signal }));
  }

  /** The events of all queues of a root's Redis as an Observable; unsubscribing ends the reading. */
  allEvents(options: Omit<AllEventsOptions, 'signal'> = {}, root: string = DEFAULT_ROOT): Observable<AnyQueueEvent> {
    const { connection } = this.#registry.root(root);
    return observe((signal) => allEvents(connection, { ...options, signal }));
  }
}

function observe<T>(read: (signal: AbortSignal) => AsyncIterable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const ending = new AbortController();
    from(read(ending.signal)).subscribe(subscriber);
    return () => ending.abort();
  });
}
