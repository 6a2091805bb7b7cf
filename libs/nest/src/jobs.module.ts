import {
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type Provider,
  type ValueProvider,
} from '@nestjs/common';

import { sourceProblems, asyncProviders } from './registration/async-source.js';
import type {
  JobsModuleAsyncOptions,
  JobsOptionsFactory,
  JobsRootOptions,
  QueueAsyncRegistration,
} from './interfaces/module-options.interface.js';
import type { QueueInput, QueueSettingsFactory } from './interfaces/queue-options.interface.js';
import { DEFAULT_ROOT, ROOT_MARK } from './jobs.constants.js';
import { forRoot, registerQueue } from './jobs.messages.js';
import { getOptionsToken } from './jobs.tokens.js';
import type { BootProblem } from './errors/jobs-boot.error.js';
import type { RootMark } from './registration/marks.js';
import { identityOf, settingsOf } from './registration/queue-declaration.js';
import { queueProviders } from './registration/queue-providers.js';
import { rootModules } from './registration/root-modules.js';
import { noteBootstrap } from './runtime/hook-order.js';

/**
 * Background jobs. Import `forRoot()` once, in the root module; it is global. Name the queues there, or where they are
 * used with `registerQueue()`.
 *
 * @example
 * imports: [JobsModule.forRoot({ connection: 'redis://localhost:6379', queues: ['mail'] })]
 */
@Module({})
export class JobsModule implements OnApplicationBootstrap {
  /** A connection to Redis, with the queues and workers on it. Several have different names. */
  static forRoot(options: JobsRootOptions = {}): DynamicModule {
    const { name = DEFAULT_ROOT, ...rest } = options;
    const queues = (rest.queues ?? []).map((queue) => identityOf(queue).name);
    const providers = [{ provide: getOptionsToken(name), useValue: rest }];
    return {
      module: JobsModule,
      providers: [rootMark(name, queues, [])],
      imports: rootModules({ name, queues, providers }),
    };
  }

  /** As {@link forRoot}, with options that dependency injection makes. */
  static forRootAsync(options: JobsModuleAsyncOptions): DynamicModule {
    const { name = DEFAULT_ROOT, queues = [], imports = [] } = options;
    const problems = sourceProblems(options, ['name', 'queues'], forRoot(name).replace('forRoot', 'forRootAsync'));
    const providers = asyncProviders(getOptionsToken(name), options, (factory: JobsOptionsFactory) =>
      factory.createJobsOptions(),
    );
    const names = queues.map((queue) => identityOf(queue).name);
    return {
      module: JobsModule,
      providers: [rootMark(name, names, problems)],
      imports: rootModules({ name, queues: names, providers, imports }),
    };
  }

  /**
   * Queues to inject in the importing module: names, contracts, or names with settings. The same queue may be registered
   * any number of times; its settings are said once.
   */
  static registerQueue(...queues: QueueInput[]): DynamicModule {
    const marks = queues.map((queue) => {
      return { ...identityOf(queue), settings: settingsOf(queue), settingsToken: undefined, problems: [] };
    });
    const { providers, tokens } = queueProviders(marks);
    return { module: JobsModule, providers, exports: tokens };
  }

  /** As {@link registerQueue}, with settings that dependency injection makes. */
  static registerQueueAsync(...queues: QueueAsyncRegistration[]): DynamicModule {
    const settings: Provider[] = [];
    const marks = queues.map((queue) => {
      const { name, root } = identityOf(queue);
      const settingsToken = Symbol(`millrace:settings of ${name}`);
      const problems = sourceProblems(
        queue,
        ['name', 'root'],
        registerQueue(name).replace('registerQueue', 'registerQueueAsync'),
      );
      settings.push(
        ...asyncProviders(settingsToken, queue, (factory: QueueSettingsFactory) => factory.createQueueSettings(name)),
      );
      return { name, root, settings: undefined, settingsToken, problems };
    });
    const { providers, tokens } = queueProviders(marks);
    const imports = queues.flatMap((queue) => queue.imports ?? []);
    return { module: JobsModule, imports, providers: [...settings, ...providers], exports: tokens };
  }

  /** @internal */
  onApplicationBootstrap(): void {
    noteBootstrap(this);
  }
}

function rootMark(name: string, queues: readonly string[], problems: readonly BootProblem[]): ValueProvider<RootMark> {
  return { provide: ROOT_MARK, useValue: { name, queues, problems } };
}
