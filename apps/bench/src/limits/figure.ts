import type { Machine } from '../result.js';
import type { Scene } from './scene.js';

/** What a case is measured at, and the size at which it is only tried out. */
export interface LimitCase {
  /** The id in the catalogue of faults: `L2`. */
  readonly id: string;
  readonly section: Section;
  readonly title: (size: number) => string;
  readonly full: number;
  readonly small: number;
  readonly run: (scene: Scene, size: number) => Promise<readonly Figure[]>;
}

/** Where a case stands in the page. */
export type Section = 'Jobs that wait' | 'Queues, workers, applications' | 'What is kept';

/** One measured number, and what it must be. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** The figures of one case, as they are printed and stored. */
export interface CaseResult {
  readonly id: string;
  readonly section: Section;
  readonly title: string;
  readonly size: number;
  /** Of what it is to be measured at; a smaller one was only tried out. */
  readonly isFull: boolean;
  readonly tookMs: number;
  readonly figures: readonly Figure[];
  /** Whether the server ran before all other processes. */
  readonly isFavoured?: boolean;
  /** Why there are none. */
  readonly error?: string;
}

/** What a run leaves behind: the JSON of `--json`, and what the page in the documentation is made of. */
export interface LimitsReport {
  readonly machine: Machine;
  /** The commit that was measured, with `+` where files had been changed since. */
  readonly commit: string;
  /** When the run began, ISO 8601. */
  readonly date: string;
  /** The load of the machine (one minute) when the run began: others' work makes times longer. */
  readonly loadBefore: number;
  readonly results: readonly CaseResult[];
}

/** Whether a figure is what it must be; true where nothing is asked of it. */
export function holds({ value, atMost = Infinity, atLeast = -Infinity }: Figure): boolean {
  return value <= atMost && value >= atLeast;
}

/** Whether all of a case is what it must be. */
export function isHeld({ error, figures }: CaseResult): boolean {
  return error === undefined && figures.every(holds);
}

/** A figure's value for people: `4,600 ms`, `1.08 ×`. */
export function valueOf({ value, unit }: Figure): string {
  const shown = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return `${shown.toLocaleString('en', { maximumFractionDigits: 6 })} ${unit}`.trim();
}

/** What it must be, for people; empty where nothing is asked of it. */
export function boundOf({ unit, atMost, atLeast }: Figure): string {
  if (atMost === undefined && atLeast === undefined) return '';
  const bound = `${(atMost ?? atLeast ?? 0).toLocaleString('en')} ${unit}`.trim();
  if (atMost === 0) return bound;
  return `${atMost === undefined ? '≥' : '≤'} ${bound}`;
}

/** The value below which 99 of 100 lie. */
export function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? NaN;
}
