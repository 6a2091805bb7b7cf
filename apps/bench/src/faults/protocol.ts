/** What the process of a case and its children say to one another. */
import type { Calls, SideName } from './sides/side.js';

/** What a child is, given on its command line. */
export interface ChildOrder {
  readonly side: SideName;
  /** Of Redis, or of a proxy before it. */
  readonly port: number;
  /** How long jobs are held without a renewal, and how often lost ones are looked for; `undefined`: the defaults. */
  readonly leaseMs: number | undefined;
  /** How long its handlers take, whatever a job says. */
  readonly holdMs: number | undefined;
  /** The file to which each run is written. */
  readonly history: string;
}

/** A call of a child's side. */
export interface Request {
  readonly id: number;
  readonly call: keyof Calls;
  readonly args: readonly unknown[];
}

/** The answer to a call: it has a value or an error. */
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A line of the history: a run of a job began or came to its end. */
export interface Line {
  readonly at: number;
  readonly pid: number;
  readonly op: 'start' | 'end';
  readonly key: string;
}
