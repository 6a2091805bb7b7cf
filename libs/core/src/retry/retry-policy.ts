import {
  CancelError,
  describeError,
  SnoozeError,
  toError,
  UncountedLimitError,
  UnrecoverableError,
} from '../errors/index.js';
import type { ErrorClass, ResolvedBackoff, ResolvedErrorRule } from '../options/index.js';

/** What is known of a job when an attempt threw. */
export interface AttemptFacts {
  /** Failures before this attempt. */
  readonly failures: number;
  readonly maxAttempts: number;
  /** Tries in a row before this attempt that were not counted. */
  readonly uncounted: number;
  readonly maxUncounted: number;
  readonly failOn?: readonly ErrorClass[] | undefined;
  readonly retryOn?: readonly ErrorClass[] | undefined;
  readonly isFailure?: ((error: Error) => boolean) | undefined;
  /** The rule that fits the error. */
  readonly rule?: ResolvedErrorRule | undefined;
  /** How many attempts before this one ended by the same kind of error; asked for only where the rule needs it. */
  readonly sameKind?: number | undefined;
}

/** What asks for a wait, and what hears of a predicate that threw. */
export interface DecisionMeans {
  /** The wait before the next attempt, in ms; `n` counts from 1. By the backoff of the job, if no other is given. */
  readonly backoffMs: (n: number, error: Error, backoff?: ResolvedBackoff) => number;
  readonly warn: (message: string) => void;
}

/** How an attempt that threw ends. `error` is always an Error, whatever was thrown. */
export type Decision =
  /** Counted as a failure, tried again. */
  | { readonly kind: 'retry'; readonly error: Error; readonly delayMs: number }
  /** Not counted, tried again. */
  | { readonly kind: 'uncounted'; readonly error: Error; readonly delayMs: number }
  /** Asked for by the handler; not counted. */
  | { readonly kind: 'snooze'; readonly error: Error; readonly delayMs: number }
  /** Not tried again. */
  | { readonly kind: 'fail'; readonly error: Error }
  | { readonly kind: 'cancel'; readonly error: Error };

/**
 * Decides how an attempt ends that threw. In this order: what the handler said by the class of the error (cancel, snooze,
 * unrecoverable); a rule for errors of its class, or else `failOn`, `retryOn` and `isFailure`; the attempts that are left. Never
 * throws.
 */
export function decide(thrown: unknown, facts: AttemptFacts, means: DecisionMeans): Decision {
  const error = toError(thrown);
  if (CancelError.is(error)) return { kind: 'cancel', error };
  if (SnoozeError.is(error)) return uncounted('snooze', error, facts, () => error.delayMs);
  if (UnrecoverableError.is(error)) return { kind: 'fail', error };
  if (facts.rule !== undefined) return byRule(facts.rule, error, facts, means);
  if (!isWorthRetrying(error, facts)) return { kind: 'fail', error };
  if (!isFailure(error, facts, means)) {
    return uncounted('uncounted', error, facts, (n) => means.backoffMs(n, error));
  }
  return counted(error, facts, (failures) => means.backoffMs(failures, error));
}

/** The first of the rules that fits an error. */
export function ruleFor(thrown: unknown, rules: readonly ResolvedErrorRule[]): ResolvedErrorRule | undefined {
  if (rules.length === 0) return undefined;
  const error = toError(thrown);
  return rules.find(({ on }) => on.some((type) => isOf(error, type)));
}

function byRule(rule: ResolvedErrorRule, error: Error, facts: AttemptFacts, means: DecisionMeans): Decision {
  const n = (facts.sameKind ?? 0) + 1;
  if (rule.mode === 'fail' || n > (rule.max ?? Infinity)) return { kind: 'fail', error };
  if (rule.mode === 'cancel') return { kind: 'cancel', error };
  const { backoff } = rule;
  const delayMs = (others: number): number =>
    backoff === undefined ? means.backoffMs(others, error) : means.backoffMs(n, error, backoff);
  return rule.mode === 'uncounted' ? uncounted('uncounted', error, facts, delayMs) : counted(error, facts, delayMs);
}

/** A failure, and another attempt if one is left. */
function counted(error: Error, facts: AttemptFacts, delayMs: (failures: number) => number): Decision {
  const failures = facts.failures + 1;
  if (failures >= facts.maxAttempts) return { kind: 'fail', error };
  return { kind: 'retry', error, delayMs: delayMs(failures) };
}

/** Bounded, as what is never counted would otherwise never end. */
function uncounted(
  kind: 'snooze' | 'uncounted',
  error: Error,
  { uncounted: before, maxUncounted }: AttemptFacts,
  delayMs: (n: number) => number,
): Decision {
  const n = before + 1;
  if (n > maxUncounted) return { kind: 'fail', error: new UncountedLimitError(maxUncounted, error) };
  return { kind, error, delayMs: delayMs(n) };
}

function isWorthRetrying(error: Error, { failOn = [], retryOn }: AttemptFacts): boolean {
  if (failOn.some((type) => isOf(error, type))) return false;
  return retryOn === undefined || retryOn.some((type) => isOf(error, type));
}

/** `Symbol.hasInstance` of a class, and the prototype of an error, can be the user's code. */
function isOf(error: Error, type: ErrorClass): boolean {
  try {
    return error instanceof type;
  } catch {
    return false;
  }
}

function isFailure(error: Error, facts: AttemptFacts, { warn }: DecisionMeans): boolean {
  try {
    return facts.isFailure?.(error) !== false;
  } catch (thrown) {
    warn(`isFailure threw (${describeError(thrown).message}); the attempt counts as a failure.`);
    return true;
  }
}
