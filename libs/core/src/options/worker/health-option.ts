import { callable, duration } from '../check/checks.js';
import { fieldTable, readFields, type Check } from '../check/fields.js';
import type { HealthReport, WorkerState } from './health-report.js';

/** How often a worker looks after itself, and who is told. */
export interface HealthOptions {
  /** @default 15000 */
  readonly everyMs?: number | undefined;
  /** Gets the report of each look. What it throws is logged. */
  readonly onCheck?: ((report: HealthReport) => unknown) | undefined;
  /** Told of each change of the worker's state. What it throws is logged. */
  readonly onState?: ((state: WorkerState, before: WorkerState) => unknown) | undefined;
}

/** {@link HealthOptions} as checked. */
export interface ResolvedHealth {
  readonly everyMs: number;
  readonly onCheck: ((report: HealthReport) => unknown) | undefined;
  readonly onState: ((state: WorkerState, before: WorkerState) => unknown) | undefined;
}

/** What an option of health is when it is left out. */
export const HEALTH_DEFAULTS: ResolvedHealth = Object.freeze({
  everyMs: 15_000,
  onCheck: undefined,
  onState: undefined,
});

const TABLE = fieldTable<ResolvedHealth>({
  everyMs: duration({ min: 100, max: 24 * 60 * 60 * 1_000 }),
  onCheck: callable(),
  onState: callable(),
});

/** Checks how a worker looks after itself. */
export const resolveHealth: Check<ResolvedHealth> = (value, path, where) =>
  Object.freeze({ ...HEALTH_DEFAULTS, ...readFields(value, TABLE, where, path) });
