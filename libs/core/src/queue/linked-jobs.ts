import type { JobRef } from '../job/job-ref.js';
import type { JobState } from '../job/job-state.js';
import { Dependencies, type AddDependencyOptions } from './dependencies.js';
import type { QueueContext } from './queue-context.js';
import { QueueView } from './queue-view.js';
import {
  listDependencies,
  listDependents,
  type DependencyPage,
  type DependentPage,
  type RelativesOptions,
} from './relatives.js';

/** How the jobs of a queue depend on one another. */
export abstract class LinkedJobs extends QueueView {
  readonly #context: QueueContext;
  readonly #dependencies: Dependencies;

  constructor(context: QueueContext) {
    super(context);
    this.#context = context;
    this.#dependencies = new Dependencies(context);
  }

  /**
   * Makes a job depend on others, too, while it neither runs nor has ended: it is `blocked` until they have completed, and keeps
   * its delay. Those that have ended already are looked at now. Resolves with the state that it is in then.
   *
   * @example await reports.addDependency(id, [load, { queue: 'rates', id: 'usd' }]);
   * @throws JobNotFoundError, JobActiveError, JobFinishedError: the job cannot wait any more
   * @throws DependencyNotFoundError, DependencyCycleError, CrossSlotError, InvalidOptionError, UnknownOptionError, InvalidNameError
   */
  async addDependency(
    id: string,
    on: JobRef | readonly JobRef[],
    options: AddDependencyOptions = {},
  ): Promise<JobState> {
    return this.#dependencies.add(id, on, options);
  }

  /**
   * Makes a job depend on others no more, or on none at all where they are left out. One that waits for no other then runs, or
   * waits for its time. Resolves with the state that it is in then; what it does not depend on changes nothing.
   *
   * @throws JobNotFoundError, JobActiveError, JobFinishedError, CrossSlotError, InvalidOptionError, InvalidNameError
   */
  async removeDependency(id: string, on?: JobRef | readonly JobRef[]): Promise<JobState> {
    return this.#dependencies.remove(id, on);
  }

  /**
   * The jobs on which one depends, with their states, in the order in which that was said, a page at a time.
   *
   * @throws JobNotFoundError, InvalidOptionError, UnknownOptionError, InvalidNameError
   */
  async dependencies(id: string, options: RelativesOptions = {}): Promise<DependencyPage> {
    return listDependencies(this.#context, id, options);
  }

  /**
   * The jobs that wait for one, and those that it has failed, with their states, in no order, a page at a time; a page may be
   * longer or shorter than asked for. Those that it has let go by completing are not among them.
   *
   * @throws JobNotFoundError, InvalidOptionError, UnknownOptionError, InvalidNameError
   */
  async dependents(id: string, options: RelativesOptions = {}): Promise<DependentPage> {
    return listDependents(this.#context, id, options);
  }
}
