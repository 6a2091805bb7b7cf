import type { INestApplicationContext, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import type { JobsRootOptions } from '../../../libs/nest/src/index.js';
import { redisUrl, uniquePrefix } from '../../support/redis.ts';
import { RecordingLogger } from './recording-logger.ts';

/** An application of a test, with what it logged. */
export interface TestApplication {
  readonly app: INestApplicationContext;
  readonly logger: RecordingLogger;
}

/** Options of a root for a test: the run's Redis, a prefix of its own, no listening to signals; workers as they are by default. */
export function plainOptions(options: JobsRootOptions = {}): JobsRootOptions {
  return { connection: redisUrl(), prefix: uniquePrefix('nest-'), signals: false, ...options };
}

/**
 * The same, with leases kept on the main thread, which none of these tests blocks: a thread of their own takes longer to start
 * than all the rest.
 */
export function rootOptions({ worker, ...options }: JobsRootOptions = {}): JobsRootOptions {
  return plainOptions({ worker: { lease: { keeper: 'main' }, ...worker }, ...options });
}

const open = new Set<INestApplicationContext>();
/** Nest 11 says again at the end why an application did not start; Nest 12 ends it in silence. */
const failed = new WeakSet<INestApplicationContext>();

/** Starts an application; {@link closeApplications} ends it. */
export async function startApplication(
  metadata: ModuleMetadata,
  change: (builder: TestingModuleBuilder) => TestingModuleBuilder = (builder) => builder,
): Promise<TestApplication> {
  const logger = new RecordingLogger();
  const module = await change(Test.createTestingModule(metadata).setLogger(logger)).compile();
  open.add(module);
  await module.init().catch((error: unknown) => {
    failed.add(module);
    throw error;
  });
  return { app: module, logger };
}

/** The error with which an application refuses to start. */
export async function bootError(metadata: ModuleMetadata): Promise<Error & { code?: string }> {
  return startApplication(metadata).then(
    () => {
      throw new Error('the application started');
    },
    (error: Error & { code?: string }) => error,
  );
}

/** Ends every application of the test, the failed ones too. For `afterEach`. */
export async function closeApplications(): Promise<void> {
  const ending = [...open].map(async (app) => {
    await app.close().catch((error: unknown) => {
      if (!failed.has(app)) throw error;
    });
  });
  open.clear();
  await Promise.all(ending);
}
