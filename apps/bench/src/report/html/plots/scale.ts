/** Where a value stands on an axis, in per cent of its width, so that a plot fits any screen without a script. */

/** One axis. */
export interface Scale {
  readonly isLogarithmic: boolean;
  /** Values that get a line and a label, ascending. */
  readonly ticks: readonly number[];
  /** Per cent from the left; a value off the axis stands at its end. */
  at(value: number): number;
}

/** From this ratio of the largest to the smallest value on, a linear axis shows the small ones as nothing. */
const LOGARITHMIC_FROM = 5;
const MOST_TICKS = 6;
/** Free space at both ends of an axis, as a part of it: a dot or a label there is not cut off. */
const MARGIN = 0.04;

/** An axis of ratios, with 1 on it: logarithmic where they differ much. */
export function ratioScale(ratios: readonly number[]): Scale {
  const all = [...positive(ratios), 1];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return high / low >= LOGARITHMIC_FROM ? logarithmic(low, high) : linear(Math.min(low, 0.8), Math.max(high, 1.2));
}

/** An axis of amounts that bars stand on: linear, from 0. */
export function amountScale(amounts: readonly number[]): Scale {
  const all = positive(amounts);
  return linear(0, all.length === 0 ? 1 : Math.max(...all), 0);
}

/** A logarithmic axis for amounts above 0. */
export function logarithmicScale(amounts: readonly number[]): Scale {
  const all = positive(amounts);
  return all.length === 0 ? logarithmic(1, 10) : logarithmic(Math.min(...all), Math.max(...all));
}

function positive(values: readonly number[]): number[] {
  return values.filter((value) => value > 0 && Number.isFinite(value));
}

function linear(low: number, high: number, marginBelow = MARGIN): Scale {
  const span = high - low;
  const [from, to] = [low - span * marginBelow, high + span * MARGIN];
  const step = roundStep(span / (MOST_TICKS - 1));
  const first = Math.ceil(low / step);
  const ticks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => tidy((first + index) * step));
  return { isLogarithmic: false, ticks, at: (value) => percent((value - from) / (to - from)) };
}

function logarithmic(low: number, high: number): Scale {
  // Half an octave is the least that an axis of this kind is readable over.
  const span = Math.max(Math.log10(high / low), Math.log10(Math.SQRT2));
  const [from, to] = [Math.log10(low) - span * MARGIN, Math.log10(low) + span * (1 + MARGIN)];
  const at = (value: number): number => percent(value > 0 ? (Math.log10(value) - from) / (to - from) : 0);
  return { isLogarithmic: true, ticks: logarithmicTicks(10 ** from, 10 ** to), at };
}

/** Powers of ten and, while there is room, round numbers between them. */
function logarithmicTicks(from: number, to: number): number[] {
  const decades = range(Math.floor(Math.log10(from)), Math.ceil(Math.log10(to)));
  const onAxis = (factors: readonly number[]): number[] =>
    decades
      .flatMap((power) => factors.map((factor) => tidy(factor * 10 ** power)))
      .filter((tick) => tick >= from && tick <= to);
  const choices = [[1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]].map(onAxis);
  const fitting = choices.find((ticks) => ticks.length <= MOST_TICKS);
  if (fitting !== undefined) return fitting;
  const decadeTicks = choices.at(-1)!;
  const every = Math.ceil(decadeTicks.length / MOST_TICKS);
  // Counted from 1, which is on the axis of every plot of ratios.
  return decadeTicks.filter((tick) => Math.round(Math.log10(tick)) % every === 0);
}

/** 1, 2 or 5 times a power of ten, not below the step asked for. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].map((factor) => factor * power).find((rounded) => rounded >= step * (1 - 1e-9)) ?? 10 * power;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Without the dust of binary fractions: 0.30000000000000004 is 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

function percent(part: number): number {
  return Math.round(10_000 * Math.min(1, Math.max(0, part))) / 100;
}
