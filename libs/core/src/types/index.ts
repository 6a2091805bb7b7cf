/** What the compiler knows of jobs: maps of jobs, contracts, and what JSON does to a type. */
export { defineQueue, type ContractJobs, type JobsIn, type QueueContract } from './define-queue.js';
export { job, type JobContract, type JobOf, type NamedJobContract } from './job-contract.js';
export type { AnyJobs, JobData, JobEntry, JobInput, JobMap, JobName, JobResult } from './job-map.js';
export type { Json, Jsonify, NotJson } from './json.js';
export type { JobsOf } from './jobs-of.js';
export type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.js';
