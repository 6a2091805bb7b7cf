import { CASES } from './cases/index.js';
import { isHeld, type CaseResult, type LimitCase } from './figure.js';
import { Scene } from './scene.js';

/** A case that takes longer is given up. */
const CASE_LIMIT_MS = 3 * 60_000;
/** No case begins later: with the longest one, and what closing takes, the whole stays below fifteen minutes. */
const LAST_START_MS = 11 * 60_000;
/** What was given up may hang, and its server is ended in any case. */
const CLOSE_LIMIT_MS = 10_000;

/** What is to be measured, and whom to tell. */
export interface LimitsOrder {
  /** Names of cases. */
  readonly cases: readonly string[];
  readonly sizeOf: (one: LimitCase) => number;
  readonly signal: AbortSignal;
  readonly onStart: (title: string, number: number) => void;
  readonly onResult: (result: CaseResult) => void;
}

/** Measures one case after the other; ends by itself within fifteen minutes, and at the signal. */
export async function runCases({ cases, sizeOf, signal, onStart, onResult }: LimitsOrder): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const began = performance.now();
  for (const [index, name] of cases.entries()) {
    const one = CASES[name]!;
    const size = sizeOf(one);
    const about = { id: one.id, section: one.section, title: grouped(one.title(size)), size, isFull: size >= one.full };
    onStart(about.title, index + 1);
    const hasTime = performance.now() - began < LAST_START_MS;
    const measured = hasTime ? await measure(one, size, signal) : { figures: [], error: 'There was no time left.' };
    signal.throwIfAborted();
    const result = { ...about, tookMs: 0, ...measured };
    results.push(result);
    onResult(result);
  }
  return results;
}

/** Whether a run of the command is a success. */
export function isSuccess(results: readonly CaseResult[]): boolean {
  return results.every(isHeld);
}

/** `1000000 jobs` as `1,000,000 jobs`. */
function grouped(text: string): string {
  return text.replaceAll(/\d{4,}/g, (digits) => Number(digits).toLocaleString('en'));
}

async function measure(
  one: LimitCase,
  size: number,
  signal: AbortSignal,
): Promise<Pick<CaseResult, 'figures' | 'error' | 'tookMs' | 'isFavoured'>> {
  const began = performance.now();
  const scene = await Scene.open();
  const took = (): number => Math.round(performance.now() - began);
  try {
    const figures = await within(CASE_LIMIT_MS, one.run(scene, size), signal);
    return { tookMs: took(), figures, isFavoured: scene.isFavoured };
  } catch (error) {
    return { tookMs: took(), figures: [], error: (error as Error).message };
  } finally {
    await within(CLOSE_LIMIT_MS, scene.close(), signal).catch(() => scene.server.stop());
  }
}

/** The work, or an error when it takes longer or is not wanted any more. */
async function within<T>(limitMs: number, work: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = new AbortController();
  const end = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`Not within ${Math.round(limitMs / 1_000)} s.`)), limitMs);
    const stop = (): void => reject(new Error('It was stopped.'));
    signal.addEventListener('abort', stop, { signal: over.signal });
    over.signal.addEventListener('abort', () => clearTimeout(timer));
    if (signal.aborted) stop();
  });
  return Promise.race([work, end]).finally(() => over.abort());
}
