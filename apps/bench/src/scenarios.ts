/** One thing to measure. */
export interface Scenario {
  readonly title: string;
  readonly kind: 'enqueue' | 'bulk' | 'drain';
  /** Jobs of a full round; a quick one has a quarter. */
  readonly jobs: number;
  /** Calls in flight (enqueue), jobs a call (bulk), or the worker's concurrency (drain). */
  readonly width: number;
}

/** All scenarios by name. */
export const SCENARIOS = Object.freeze({
  'enqueue-sequential': { title: 'add, one at a time', kind: 'enqueue', jobs: 5_000, width: 1 },
  enqueue: { title: 'add, 100 in flight', kind: 'enqueue', jobs: 50_000, width: 100 },
  'add-many': { title: 'addMany of 1,000', kind: 'bulk', jobs: 100_000, width: 1_000 },
  'drain-1': { title: 'drain, concurrency 1', kind: 'drain', jobs: 40_000, width: 1 },
  'drain-10': { title: 'drain, concurrency 10', kind: 'drain', jobs: 40_000, width: 10 },
  'drain-100': { title: 'drain, concurrency 100', kind: 'drain', jobs: 200_000, width: 100 },
} as const satisfies Record<string, Scenario>);

export type ScenarioName = keyof typeof SCENARIOS;

/** The data of every job: about 100 bytes as JSON. */
export const PAYLOAD = Object.freeze({
  userId: '1234567',
  email: 'someone@example.com',
  template: 'welcome',
  locale: 'en-GB',
  tries: 3,
});
