import { Cron } from 'croner';

/** Longer ones are no pattern that anybody wrote. */
const MAX_CHARS = 256;
const FIELDS = /^\s*\S+(?:\s+\S+){4,5}\s*$/;
const NICKNAME = /^@(?:yearly|annually|monthly|weekly|daily|hourly)$/i;

/** What is wrong with a pattern, in words that follow "expected …"; `undefined` if nothing is. */
export function cronProblem(pattern: unknown): string | undefined {
  const expected = "a cron pattern of 5 fields, or 6 with seconds, such as '0 3 * * *'";
  if (typeof pattern !== 'string' || pattern.length > MAX_CHARS) return expected;
  if (!FIELDS.test(pattern) && !NICKNAME.test(pattern)) return expected;
  try {
    if (new Cron(pattern, { paused: true, timezone: 'UTC' }).nextRun(new Date()) !== null) return undefined;
    return 'a cron pattern of a time that comes';
  } catch (error) {
    return `${expected} (${reasonOf(error as Error)})`;
  }
}

/** Whether this process knows the time zone. */
export function isTimeZone(name: unknown): boolean {
  if (typeof name !== 'string' || name === '' || name.length > MAX_CHARS) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * The times of a cron pattern in a time zone. A time that does not exist on a day (clocks go forward) is met at the jump; one
 * that comes twice (clocks go back) is met the first time, unless the pattern names every hour.
 */
export class CronTimes {
  readonly #cron: Cron;

  constructor(pattern: string, tz: string) {
    this.#cron = new Cron(pattern, { paused: true, timezone: tz });
  }

  /** The first time later than this one, in ms; `undefined` if none comes any more. */
  after(ms: number): number | undefined {
    return this.#cron.nextRun(new Date(ms))?.getTime();
  }

  /** The last `n` times up to this one, itself included, oldest first. */
  upTo(ms: number, n: number): number[] {
    return this.#cron
      .previousRuns(n, new Date(ms + 1))
      .map((date) => date.getTime())
      .reverse();
  }

  has(ms: number): boolean {
    return this.upTo(ms, 1)[0] === ms;
  }
}

/** `CronPattern: Invalid value for minute: 60` → `invalid value for minute: 60` */
function reasonOf({ message }: Error): string {
  const reason = message.replace(/^\w+: /, '').replace(/\.$/, '');
  return reason.charAt(0).toLowerCase() + reason.slice(1);
}
