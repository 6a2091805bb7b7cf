import type { Scene } from './scene.js';

/** What a case is measured at, and the size at which it is only tried out. */
export interface LimitCase {
  /** The id in the catalogue of faults: `L2`. */
  readonly id: string;
  readonly title: (size: number) => string;
  readonly full: number;
  readonly small: number;
  readonly run: (scene: Scene, size: number) => Promise<readonly Figure[]>;
}

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
  readonly title: string;
  readonly size: number;
  readonly tookMs: number;
  readonly figures: readonly Figure[];
  /** Why there are none. */
  readonly error?: string;
}

/** Whether a figure is what it must be; true where nothing is asked of it. */
export function holds({ value, atMost = Infinity, atLeast = -Infinity }: Figure): boolean {
  return value <= atMost && value >= atLeast;
}

/** The value below which 99 of 100 lie. */
export function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? NaN;
}
