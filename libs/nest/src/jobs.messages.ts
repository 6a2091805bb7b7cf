import { DEFAULT_ROOT } from './jobs.constants.js';

/** Every sentence that this package says to people. Each names the thing and says what to do. */

export const unknownQueue = (who: string, queue: string, root: string, guess: string | undefined): string =>
  `${who}: no queue ${quote(queue)} is registered${inRoot(root)}. ` +
  `Add ${literal(queue)} to ${forRoot(root, 'queues')} or import JobsModule.registerQueue({ ${rootField(root)}name: ${literal(queue)} }).` +
  didYouMean(guess);

export const noRoot = (who: string, root: string): string =>
  `${who} found no ${forRoot(root)}. Import it once in your root module.`;

export const duplicateRoot = (root: string, modules: readonly string[]): string =>
  `${forRoot(root)} was imported ${modules.length > 2 ? `${modules.length} times` : 'twice'} (${modules.join(', ')}). ` +
  `Give one ${root === DEFAULT_ROOT ? 'a' : 'another'} name: forRoot({ name: ${literal(root === 'billing' ? 'reports' : 'billing')} }).`;

export const duplicateHandler = (job: string, queue: string, first: string, second: string): string =>
  `Two handlers for job ${quote(job)} of queue ${quote(queue)}: ${first} and ${second}. Rename one.`;

export const providedTwice = (processor: string, modules: readonly string[]): string =>
  `${processor} is in the providers of ${modules.join(' and ')}. Provide it in one module and export it.`;

export const noHandler = (processor: string, hasProcess: boolean): string =>
  `${processor} has no @OnJob method.${
    hasProcess
      ? " Found process(): BullMQ's WorkerHost is not used here; give each job name a method with @OnJob()."
      : ' Give each job name a method with @OnJob().'
  }`;

export const handlerWithoutProcessor = (method: string): string =>
  `${method} has @OnJob(), but its class is no processor, so no job ever reaches it. Decorate the class with @Processor('<queue>').`;

export const noProcessorFor = (queue: string): string =>
  `No processor of this application works on queue ${quote(queue)}.`;

export const noHandlerFor = (job: string, queue: string): string =>
  `No processor of this application handles job ${quote(job)} of queue ${quote(queue)}.`;

export const hookWithoutProcessor = (method: string): string =>
  `${method} is a hook, but its class is no processor, and hooks fire for the jobs of their own class. ` +
  `Move it to the @Processor class, or use JobsModule.forRoot({ hooks }) for every job.`;

export const eventWithoutListener = (method: string): string =>
  `${method} has @OnQueueEvent(), but its class listens to no queue. Decorate the class with @QueueListener('<queue>').`;

export const recurringWithoutHandler = (method: string): string =>
  `${method} has @Recurring() and no @OnJob(), so nothing would run the jobs of the schedule. Add @OnJob().`;

export const recurringCatchAll = (method: string): string =>
  `${method} has @Recurring() and takes every job, so the schedule's own would have no name. Give it a method of its own with @OnJob().`;

export const duplicateSchedule = (id: string, queue: string, first: string, second: string): string =>
  `Two schedules ${quote(id)} of queue ${quote(queue)}: @Recurring() of ${first} and of ${second}. Give each an id of its own: @Recurring({ id, … }).`;

export const orphanedSchedule = (id: string, queue: string): string =>
  `Schedule ${quote(id)} of queue ${quote(queue)} is orphaned: no process that runs declares it with @Recurring() any more, and it still fires. ` +
  'Delete it with queue.unschedule(), or set JobsModule.forRoot({ schedules: { removeOrphans: true } }).';

export const orphanRemoved = (id: string, queue: string): string =>
  `Schedule ${quote(id)} of queue ${quote(queue)} was deleted: no process that runs declares it with @Recurring() any more.`;

export const orphansUnknown = (queue: string): string =>
  `Whether schedules of queue ${quote(queue)} are orphaned could not be told.`;

export const noEvent = (listener: string): string =>
  `${listener} has no @OnQueueEvent method. Give each event that it wants a method with @OnQueueEvent('<event>').`;

export const hookForUnknownJob = (method: string, job: string, processor: string, guess: string | undefined): string =>
  `${method} is a hook for job ${quote(job)}, which ${processor} does not handle, so it would never fire.${didYouMean(guess)}`;

export const undecoratedParameter = (method: string, position: number): string =>
  `${method}: parameter ${position} has no decorator, so it would be null. Add @JobRef(), or take the job as the only parameter.`;

export const unequalWorkerOptions = (
  option: string,
  queues: readonly string[],
  first: string,
  second: string,
): string => {
  const [who, places] =
    queues.length > 1
      ? [`Queues ${queues.map(quote).join(', ')} share one worker in this process, and their`, 'workers']
      : [`Queue ${queues.map(quote).join()} has one worker in this process, and its`, 'processors'];
  return (
    `${who} processors want different things of it: ${option} is ${first} and ${second}. ` +
    `State it in one place: one of them, or JobsModule.forRoot({ ${places} }).`
  );
};

export const unequalQueueOptions = (option: string, queue: string, first: string, second: string): string =>
  `Queue ${quote(queue)} is registered twice with different options: ${option} is ${first} and ${second}. State it in one place.`;

export const unknownProcessorQueue = (queue: string, root: string, guess: string | undefined): string =>
  `${forRoot(root, 'processors')} has ${quote(queue)}, and no processor works on that queue.${didYouMean(guess)}`;

export const unknownSharedQueue = (queue: string, root: string, guess: string | undefined): string =>
  `${forRoot(root, 'workers')} has ${quote(queue)}, and no processor works on that queue.${didYouMean(guess)}`;

export const unknownProcessorHandler = (job: string, queue: string, root: string, guess: string | undefined): string =>
  `${forRoot(root, 'processors')} has options for job ${quote(job)} of ${quote(queue)}, which no handler takes.${didYouMean(guess)}`;

export const unknownWorkQueue = (
  entry: string,
  source: string,
  known: readonly string[],
  guess: string | undefined,
): string =>
  `${source} names ${quote(entry)}, and no processor works on that queue. Known: ${known.join(', ') || 'none'}.${didYouMean(guess)}`;

export const uselessBesideFactory = (option: string, shape: readonly string[]): string =>
  `Beside a factory only ${[...shape, 'imports'].join(', ')} have an effect; return ${quote(option)} from the factory.`;

export const noAsyncSource = (where: string): string =>
  `${where} has none of useFactory, useClass and useExisting. Give it one, or use the synchronous form.`;

export const workerSettingGivenToRoot = (option: string): string =>
  `Here it is worker: { ${option} } for all queues, or processors: { <queue>: { ${option} } } for one.`;

export const notForTheApplication = (option: string): string =>
  HINTS_FOR_WORKER_OPTIONS.get(option) ?? 'Millrace sets it itself.';

const HINTS_FOR_WORKER_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['connection', 'The connection belongs to the root: JobsModule.forRoot({ connection }).'],
  ['handler', "One method takes every job without a handler of its own: @OnJob('*')."],
  [
    'handlers',
    'Options of handlers stand in @OnJob(), or in JobsModule.forRoot({ processors: { <queue>: { handlers } } }).',
  ],
  ['hooks', 'Hooks are methods of the processor, such as @OnJobFailure(), or JobsModule.forRoot({ hooks }).'],
  ['middleware', 'Middleware belongs to the root: JobsModule.forRoot({ middleware: { run: […] } }).'],
  ['context', 'Inject what handlers share: their class is a provider.'],
  ['defaults', 'Defaults of jobs belong to @OnJob(), to registerQueue({ defaults }) or to forRoot({ defaults }).'],
  ['schedules', 'Schedules of handlers are declared by @Recurring().'],
  ['logger', 'The logger belongs to the root: JobsModule.forRoot({ logger }).'],
]);

export const scopedListener = (listener: string): string =>
  `${listener} is request-scoped, and an event belongs to no request. Make the listener and what it depends on singletons.`;

export const middlewareIsNoProvider = (type: string, root: string): string =>
  `${forRoot(root, 'middleware')} has ${type}, which is no provider of any module, or one of each request. ` +
  'Add it to the providers of a module; it must be a singleton.';

export const severalProblems = (texts: readonly string[]): string =>
  `Millrace found ${texts.length} problems:\n${texts.map((text, index) => `  ${index + 1}. ${text}`).join('\n')}`;

export const activeJobWithoutHandler = (method: string): string =>
  `${method} takes an ActiveJob and has no @OnJob(): JobsOf<> counts it as a job, and nothing would handle one. ` +
  'Add @OnJob(), take a JobRun (hooks), or make the method private.';

export const embeddedDefault = (where: string): string =>
  `No connection is configured, so an embedded Redis runs for this process: ${where}. ` +
  'Other processes do not see its jobs. Set JobsModule.forRoot({ connection }) or REDIS_URL.';

export const nobodyHearsSigterm = (): string =>
  'Nothing handles SIGTERM, so a deploy would stall running jobs; Millrace drains its workers itself. Call app.enableShutdownHooks() in main.ts.';

export const hookOrderIgnored = (): string =>
  'This version of Nest does not order lifecycle hooks by module distance. Workers may start before your own bootstrap hooks ' +
  'and stop after your own destroy hooks. Import JobsModule.forRoot() last, and report this with the version of @nestjs/core.';

export const willRunAgain = (job: string, reason: string, at: Date | undefined): string =>
  `Job ${job} failed: ${reason}${sentenceEnd(reason)} It runs again${at === undefined ? '' : ` at ${at.toISOString()}`}.`;

export const failedForGood = (job: string, state: string, reason: string): string =>
  `Job ${job} ended as ${state} and does not run again: ${reason}`;

export const timedOut = (job: string): string => `Job ${job} ran longer than its timeoutMs. It runs again.`;

export const leaseLost = (job: string): string =>
  `Job ${job} lost its lease; its outcome was refused, and it may run again elsewhere.`;

export const cancelled = (job: string): string => `Job ${job} was cancelled.`;

export const snoozed = (job: string, delayMs: number): string => `Job ${job} asked to run again in ${delayMs} ms.`;

export const hookFailed = (hook: string, job: string): string =>
  `Hook ${hook} threw for job ${job}. The outcome of the job is unchanged.`;

export const listenerFailed = (listener: string, event: string): string =>
  `${listener} threw for event ${event}. The listener goes on with the next event.`;

export const listeningFailed = (queue: string): string =>
  `Reading the events of queue ${quote(queue)} failed. It goes on from where it was.`;

export const progressFailed = (job: string): string =>
  `Progress of job ${job} could not be stored; the handler goes on.`;

/** `@Processor('mail') MailProcessor` */
export const processor = (className: string, queues: readonly string[]): string =>
  `@Processor(${queues.map(literal).join(', ')}) ${className}`;

/** `@QueueListener('mail') MailListener` */
export const listener = (className: string, queues: readonly string[]): string =>
  `@QueueListener(${queues.map(literal).join(', ')}) ${className}`;

/** `JobsModule.registerQueue('mail')` */
export const registerQueue = (queue: string): string => `JobsModule.registerQueue(${literal(queue)})`;

/** `forRoot()`, with the root's name and an option where there is one: how the texts point at a place in the code. */
export function forRoot(root: string, option?: string): string {
  const parts = [root === DEFAULT_ROOT ? undefined : `name: ${literal(root)}`, option].filter(isDefined);
  return `JobsModule.forRoot(${parts.length === 0 ? '' : `{ ${parts.join(', ')} }`})`;
}

function sentenceEnd(text: string): string {
  return /[.!?]$/.test(text) ? '' : '.';
}

function inRoot(root: string): string {
  return root === DEFAULT_ROOT ? '' : ` in root ${quote(root)}`;
}

function rootField(root: string): string {
  return root === DEFAULT_ROOT ? '' : `root: ${literal(root)}, `;
}

function didYouMean(guess: string | undefined): string {
  return guess === undefined ? '' : ` Did you mean ${quote(guess)}?`;
}

/** A name that the text speaks about. */
function quote(name: string): string {
  return JSON.stringify(name);
}

/** A name in a piece of code. */
function literal(name: string): string {
  return `'${name.replaceAll("'", "\\'")}'`;
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}
