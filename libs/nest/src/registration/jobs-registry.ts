import { JobsError, type Queue } from '@millrace/core';
import type { ModulesContainer } from '@nestjs/core';

import { inspectApplication, type Inspection } from '../discovery/inspection.js';
import { singletonOf } from '../discovery/module-map.js';
import { JobsBootError, toProblem, type BootProblem } from '../errors/jobs-boot.error.js';
import type { JobsModuleOptions } from '../interfaces/module-options.interface.js';
import type { QueueSettings } from '../interfaces/queue-options.interface.js';
import { forRoot, noRoot, registerQueue } from '../jobs.messages.js';
import { jobsLogger } from '../runtime/jobs.logger.js';
import { JobsRoot } from './jobs-root.js';
import type { QueueMark } from './marks.js';
import { resolveModuleOptions } from './module-options.js';
import { QueueStatements } from './queue-statements.js';

const registries = new WeakMap<ModulesContainer, JobsRegistry>();

/**
 * What one application has of Millrace: its roots, and all that was found wrong. Anything that keeps the application
 * from starting goes through {@link fail}, which looks for everything else that is wrong first.
 */
export class JobsRegistry {
  readonly roots = new Map<string, JobsRoot>();
  readonly #modules: ModulesContainer;
  readonly #opening = new Map<string, Promise<JobsRoot>>();
  readonly #statements: QueueStatements;
  readonly #problems: BootProblem[] = [];
  #checked: Promise<Inspection> | undefined;

  private constructor(modules: ModulesContainer) {
    this.#modules = modules;
    this.#statements = new QueueStatements(modules);
  }

  /** The registry of an application. */
  static of(modules: ModulesContainer): JobsRegistry {
    const registry = registries.get(modules) ?? new JobsRegistry(modules);
    registries.set(modules, registry);
    return registry;
  }

  /** Opens a root. One of a name that is taken gets the first: that there are two is found by the inspection. */
  openRoot(name: string, options: JobsModuleOptions): Promise<JobsRoot> {
    let opening = this.#opening.get(name);
    if (opening === undefined) {
      opening = this.#open(name, options);
      this.#opening.set(name, opening);
    }
    return opening;
  }

  /**
   * The root of this name, once it is open.
   *
   * @throws JobsError (code `NO_ROOT`)
   */
  root(name: string): JobsRoot {
    const root = this.roots.get(name);
    if (root === undefined) throw new JobsError('NO_ROOT', noRoot('JobsService', name));
    return root;
  }

  /** The queue that a module registers; the same object for each of them. */
  async openQueue(root: JobsRoot | undefined, mark: Pick<QueueMark, 'name' | 'root'>): Promise<Queue> {
    if (root === undefined) return this.fail({ code: 'NO_ROOT', message: noRoot(registerQueue(mark.name), mark.root) });
    const settings = await this.#statements.of(mark, root.options.queues);
    try {
      return root.queue(mark.name, settings);
    } catch (error) {
      // The inspection mostly finds the same, and says where it was written.
      await this.#check(false);
      return this.fail(toProblem(error));
    }
  }

  /** Tells the registry what a factory made for a queue. */
  stated(mark: QueueMark, settings: QueueSettings): QueueSettings {
    this.#statements.state(mark, settings);
    return settings;
  }

  /** Looks at the whole application, once; rejects with everything that is wrong. */
  check(): Promise<Inspection> {
    this.#checked ??= this.#check(true).then((inspection) => {
      for (const warning of inspection.warnings) jobsLogger.warn(warning);
      return inspection;
    });
    return this.#checked;
  }

  /** Closes every root: the application does not start. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.roots.values()].map((root) => root.close()));
  }

  /** Refuses to start: because of this problem, and of whatever else is wrong. */
  async fail(problem: BootProblem): Promise<never> {
    this.#problems.push(problem);
    await this.#check(false);
    throw new JobsBootError([problem]);
  }

  async #open(name: string, options: JobsModuleOptions): Promise<JobsRoot> {
    const problems: BootProblem[] = [];
    const root = new JobsRoot(name, resolveModuleOptions(options, forRoot(name), problems), (type) =>
      singletonOf(this.#modules, type),
    );
    this.roots.set(name, root);
    this.#problems.push(...problems);
    if (problems.length === 0) await root.open().catch((error: unknown) => this.#problems.push(toProblem(error)));
    if (this.#problems.length > 0) await this.#check(false);
    return root;
  }

  async #check(isComplete: boolean): Promise<Inspection> {
    const inspection = inspectApplication(this.#modules, this.roots, isComplete);
    const [first, ...others] = distinct([...this.#problems, ...inspection.problems]);
    if (first === undefined) return inspection;
    await this.close();
    throw new JobsBootError([first, ...others]);
  }
}

function distinct(problems: readonly BootProblem[]): BootProblem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
