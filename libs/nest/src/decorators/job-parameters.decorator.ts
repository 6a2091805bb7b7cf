import { createParamDecorator, type PipeTransform, type Type } from '@nestjs/common';
import type { RunningBatch, StandardSchema } from '@millrace/core';

import { SchemaPipe } from '../invocation/schema.pipe.js';
import { JobContext } from '../invocation/job-context.js';
import { JOB_DATA_METADATA, NEST_PARAMETERS_METADATA, PAYLOAD_PARAMETER_TYPE } from '../jobs.constants.js';

type Pipe = PipeTransform | Type<PipeTransform>;

/** How {@link JobData} checks the payload. */
export interface JobDataOptions {
  /** A Standard Schema (zod, valibot, arktype …); the parameter is its output. */
  readonly schema: StandardSchema;
}

/**
 * The payload of the job, or one field of it (in a handler of batches the list of those of its jobs): as `@Body()` is for a request, pipes see the type of the parameter.
 * What a pipe refuses with a 4xx `HttpException` ends the job as `broken`: it would be refused again each time.
 *
 * @example digest(@JobData(new ValidationPipe()) data: DigestDto, @JobRef() job: ActiveJob) {}
 * @example digest(@JobData({ schema: DigestSchema }) data: Digest) {}
 * @example digest(@JobData('userId', ParseIntPipe) userId: number) {}
 */
export function JobData(...pipes: Pipe[]): ParameterDecorator;
export function JobData(options: JobDataOptions, ...pipes: Pipe[]): ParameterDecorator;
export function JobData(field: string, ...pipes: (Pipe | JobDataOptions)[]): ParameterDecorator;
export function JobData(...inputs: (string | Pipe | JobDataOptions)[]): ParameterDecorator {
  const [first] = inputs;
  const field = typeof first === 'string' ? first : undefined;
  const pipes = inputs.filter((input) => typeof input !== 'string').map(toPipe);
  return (target, method, index) => {
    if (method === undefined) return;
    const entry = { index, data: field, pipes };
    addParameter(JOB_DATA_METADATA, target, method, { [`${PAYLOAD_PARAMETER_TYPE}:${index}`]: entry });
    // Only here does Nest look for pipes given as classes, which it then makes with what they inject.
    addParameter(NEST_PARAMETERS_METADATA, target, method, { [`millrace:${index}`]: entry });
  };
}

/** The running job itself, an {@link ActiveJob}; in a handler of batches the list of them. */
export const JobRef: () => ParameterDecorator = createParamDecorator((_: unknown, context) =>
  context.getArgByIndex<unknown>(0),
);

/** The signal of the running job: it aborts at the deadline, when the job is cancelled or lost, and at shutdown. Of a batch: when no job of it counts any more. */
export const JobSignal: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context) => (context.getArgByIndex<RunningBatch | undefined>(1) ?? JobContext.of(context)).signal,
);

function addParameter(key: string, target: object, method: string | symbol, entry: object): void {
  const known = Reflect.getOwnMetadata(key, target.constructor, method) as object | undefined;
  Reflect.defineMetadata(key, { ...known, ...entry }, target.constructor, method);
}

function toPipe(input: string | Pipe | JobDataOptions): Pipe {
  return typeof input === 'object' && 'schema' in input ? new SchemaPipe(input.schema) : (input as Pipe);
}
