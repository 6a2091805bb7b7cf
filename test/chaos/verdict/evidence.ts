import type { LedgerEntry } from '../evidence/entries.ts';
import type { ChaosLine } from '../lines.ts';

/** A fault that was made, and whom it concerned. */
export interface FaultSpan {
  readonly kind: string;
  /** Processes by their labels, or seats by their names; `all` for what happened to Redis or to the machine. */
  readonly victims: readonly string[] | 'all';
  readonly from: number;
  readonly to: number;
  /** Whether it can cost a worker its lease. */
  readonly canTakeLease: boolean;
}

/** Whether a fault concerned the process with this label, or the seat with this name. */
export function concerns({ victims }: FaultSpan, who: string): boolean {
  return (
    victims === 'all' || victims.some((victim) => who === victim || seatOf(who) === victim || who === seatOf(victim))
  );
}

/** The seat of a process: `worker-2` of `worker-2.5`. */
export function seatOf(label: string): string {
  return label.split('.', 1)[0] ?? label;
}

/** All that is known of a run when it is over. */
export interface Evidence {
  readonly lines: readonly ChaosLine[];
  readonly ledger: readonly LedgerEntry[];
  readonly faults: readonly FaultSpan[];
  /** `queue/id` -> the collections that have the job at the end. */
  readonly homes: ReadonlyMap<string, readonly string[]>;
  /** What is wrong in the keys at the end, or should not be there any more. */
  readonly leftovers: readonly string[];
  readonly leaseMs: number;
}

/** What must never happen. */
export const VERDICTS = [
  'lost',
  'phantom',
  'doubleAccepted',
  'staleAccepted',
  'unexplainedDuplicates',
  'earlyStarts',
  'outOfOrder',
  'holdsLeft',
] as const;

export type VerdictName = (typeof VERDICTS)[number];

/** One thing that happened and must not, with all that is known of the job. */
export interface Finding {
  readonly what: string;
  readonly history: readonly string[];
}

/** What was found, by what it is. */
export type Verdict = Readonly<Record<VerdictName, readonly Finding[]>>;
