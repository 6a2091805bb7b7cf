/** One job in words that the keys and the model can both be put into. What it does not have is not there. */
export interface JobView {
  readonly state: string;
  readonly envelope: string;
  readonly priority: number;
  /** Failures, stalls, uncounted attempts. */
  readonly charged: string;
  /** Letters of the header, sorted. */
  readonly letters: string;
  readonly at?: number;
  readonly error?: string;
  readonly outcome?: string;
  readonly kind?: string;
  readonly keptUntil?: number;
  readonly lines?: string;
  readonly notes?: Readonly<Record<string, string>>;
  readonly history?: readonly string[];
  /** Epoch, token, order of leasing, and whether its start was marked. */
  readonly lease?: string;
  /** Dependencies that it waits for, or that have failed it. */
  readonly needs?: readonly string[];
  readonly dependents?: readonly string[];
  readonly failed?: readonly string[];
  readonly results?: Readonly<Record<string, string>>;
}

export interface EpochView {
  readonly lease?: number;
  readonly expiry: number;
  readonly isOpen: boolean;
  readonly isSpared: boolean;
  readonly late?: number;
  readonly obeyed: number;
  readonly leased: number;
  readonly taken: readonly string[];
  readonly slots: Readonly<Record<string, string>>;
}

/** A queue in words that the keys and the model can both be put into. */
export interface QueueView {
  readonly jobs: Readonly<Record<string, JobView>>;
  /** In the order in which they are served; those of groups by their groups. */
  readonly waiting: Readonly<Record<string, readonly string[]>>;
  /** In the order of their ends. */
  readonly completed: readonly string[];
  /** Jobs without a handler by their names, in the order in which they came. */
  readonly aside: Readonly<Record<string, readonly string[]>>;
  readonly epochs: Readonly<Record<string, EpochView>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, string>>;
  readonly pause: number;
  readonly seen: number | undefined;
  readonly isHeard: boolean;
  readonly uniques: Readonly<Record<string, string>>;
  readonly remembered: Readonly<Record<string, number>>;
  readonly lanes: Readonly<Record<string, string>>;
  readonly schedules: Readonly<Record<string, unknown>>;
  readonly tracked: Readonly<Record<string, number>>;
  readonly counted: Readonly<Record<string, number>>;
  /** How many starts count towards the rate. */
  readonly starts: number;
  /** The same of groups that have a rate, unless none does. */
  readonly groupStarts: Readonly<Record<string, number>>;
  /** Letter and id of the events of the last call, sorted. */
  readonly told: readonly string[];
}

/** Where two views differ: the path, what is there, and what the model says. */
export function differences(actual: unknown, expected: unknown, path = ''): string[] {
  if (actual === expected) return [];
  if (isObject(actual) && isObject(expected)) {
    const names = [...new Set([...Object.keys(actual), ...Object.keys(expected)])];
    return names.flatMap((name) =>
      differences(actual[name], expected[name], `${path}${path === '' ? '' : '.'}${name}`),
    );
  }
  if (JSON.stringify(actual) === JSON.stringify(expected)) return [];
  return [`${path} is ${show(actual)}, the model has ${show(expected)}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

/** Without what is undefined, and without empty lists and objects. */
export function compact<T extends object>(value: T): T {
  const isSaid = (part: unknown): boolean =>
    part !== undefined && !(typeof part === 'object' && part !== null && Object.keys(part).length === 0);
  return Object.fromEntries(Object.entries(value).filter(([, part]) => isSaid(part))) as T;
}
