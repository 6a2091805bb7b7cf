/** What a run of the benchmark leaves behind: the JSON of `--json`, and what the HTML report is made of. */
export interface BenchReport {
  readonly machine: Machine;
  /** Version of each library that took part, by the name of the peer. */
  readonly versions: Readonly<Record<string, string>>;
  /** The commit that was measured, with `+` where files had been changed since. */
  readonly commit: string;
  /** When the run began, ISO 8601. */
  readonly date: string;
  /** Pairs of runs that a full figure comes from; memory has fewer. */
  readonly rounds: number;
  /** How each peer was configured, in words, by its name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Sentences about what was left out and why. */
  readonly notes: readonly string[];
  readonly results: readonly BenchResult[];
}

/** Where a run was made. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  readonly node: string;
  readonly redis: string;
}

/** Millrace against one peer in one figure of one scenario. */
export interface BenchResult {
  /** Name of the figure, unique together with the peer: `drain-100`, `latency-idle-p50`. */
  readonly scenario: string;
  /** The same for people. */
  readonly title: string;
  /** Scenarios of one group stand together: `Adding`, `Working off`, … */
  readonly group: string;
  readonly unit: Unit;
  /** Which way is good. */
  readonly better: 'higher' | 'lower';
  /** How the Redis of the scenario kept its data. */
  readonly persistence: Persistence;
  readonly peer: string;
  /** Median of Millrace's rounds, in the unit. */
  readonly ours: number;
  /** Median of the peer's rounds, in the unit. */
  readonly theirs: number;
  /** Median of {@link pairs}; below 1 is good where lower is better. */
  readonly ratio: number;
  /** The lowest and the highest of {@link pairs}. */
  readonly spread: readonly [lowest: number, highest: number];
  /** ours / theirs of each pair of neighbouring runs, in the order in which they were made. */
  readonly pairs: readonly number[];
  readonly costs: { readonly ours: Costs; readonly theirs: Costs };
  /** A sentence that a reader of the figure has to know, such as that a peer could not keep up. */
  readonly note?: string;
}

export type Unit = 'jobs/s' | 'ms' | 'bytes' | 'ratio';

export type Persistence = 'off' | 'everysec';

/** What a job cost, medians of the rounds. A scenario has those that mean something in it. */
export interface Costs {
  /** CPU of Redis, sockets included, in microseconds. */
  readonly redisMicros?: number;
  /** Time of scripts in Redis, in microseconds. */
  readonly scriptMicros?: number;
  /** CPU of the processes that add and work, in microseconds. */
  readonly nodeMicros?: number;
  /** Commands, those inside scripts included. */
  readonly commandsPerJob?: number;
  /** Bytes between Redis and its clients, both ways. */
  readonly bytesPerJob?: number;
}
