import type { Machine } from '../result.js';
import type { FigureName } from './case.js';
import type { SideName } from './sides/index.js';

/** What a run of the smoke leaves behind: the JSON of `--json`, and what the page in the documentation is made of. */
export interface FaultsReport {
  readonly machine: Machine;
  readonly versions: Readonly<Record<SideName, string>>;
  /** The commit that was measured, with `+` where files had been changed since. */
  readonly commit: string;
  /** When the run began, ISO 8601. */
  readonly date: string;
  readonly seed: number;
  /** Rounds that were asked for; a case tells how many it had. */
  readonly rounds: number;
  /** How long jobs were held without a renewal; absent: each library's default. */
  readonly leaseMs?: number;
  /** The load of the machine (one minute) when the run began: others' work makes times longer. */
  readonly loadBefore: number;
  /** How each side was set up, in words. */
  readonly settings: Readonly<Record<SideName, string>>;
  /** Sentences about what was left out or went wrong. */
  readonly notes: readonly string[];
  readonly cases: readonly CaseResult[];
}

export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly setup: string;
  readonly remark?: string;
  /** Rounds that both sides have. */
  readonly rounds: number;
  readonly figures: readonly FigureResult[];
}

export interface FigureResult {
  readonly figure: FigureName;
  readonly millrace: Spread;
  readonly bullmq: Spread;
}

/** `null`: it did not happen while it was waited for, which is longer than any number. */
export interface Spread {
  readonly median: number | null;
  readonly worst: number | null;
  /** In the order in which they were made. */
  readonly rounds: readonly (number | null)[];
}
