import type { WorkerHooks } from '@millrace/core';

/**
 * Hooks for every job that this process runs. They are told after Redis accepted the outcome and cannot change it; what
 * one throws is logged.
 */
export type JobsHooks = WorkerHooks;

/** The name of one hook. */
export type HookName = keyof WorkerHooks;

/** A method that can be the hook `H`. Its parameters may be narrower than told (`JobRun<Data>`), and fewer. */
export type HookMethod<H extends HookName> = { call(...parameters: HookParameters<H>): unknown }['call'];

/** What the hook `H` is told: the run, and what is particular to it. */
export type HookParameters<H extends HookName> = Parameters<NonNullable<WorkerHooks[H]>>;
