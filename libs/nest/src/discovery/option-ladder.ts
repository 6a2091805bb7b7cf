import type { EffectiveOption, EffectiveOptions } from '../interfaces/ladder.interface.js';

/** The weakest place: nobody said anything. */
export const LIBRARY_DEFAULT = 'library default';

/** What one place in the application says. Options that are `undefined` are not said. */
export interface Rung {
  readonly from: string;
  readonly said: object | undefined;
}

/** Lays what was said in several places over each other, weakest first, and remembers for each option who won. */
export function climb(rungs: readonly Rung[]): EffectiveOptions {
  const effective: Record<string, EffectiveOption> = {};
  for (const { from, said } of rungs) {
    for (const [option, value] of Object.entries(said ?? {})) {
      if (value !== undefined) effective[option] = { value, from };
    }
  }
  return effective;
}

/** The values that somebody said; the rest is for the core to fill in. */
export function saidIn(options: EffectiveOptions): Record<string, unknown> {
  const said = Object.entries(options).filter(([, { from }]) => from !== LIBRARY_DEFAULT);
  return Object.fromEntries(said.map(([name, { value }]) => [name, value]));
}
