/** Holds a report against the targets. */
import type { BenchReport, BenchResult } from '../result.js';
import { isMillrace, standing } from './figures.js';
import { formatNumber } from './format.js';
import { TARGETS, type Target } from './targets.js';

/** One target and what came of it, in words. */
export interface Verdict {
  readonly target: string;
  readonly atLeast: string;
  /** Empty where a target has only a limit. */
  readonly aim: string;
  /** Empty where it was not measured. */
  readonly measured: string;
  readonly met: Met;
  /** What the measured value does not say, such as where a peer is ahead. */
  readonly remark?: string;
}

/** `aim` is better than `yes`. */
export type Met = 'aim' | 'yes' | 'no' | 'not measured';

/** Every target and what the report has on it. */
export function judge({ results }: Pick<BenchReport, 'results'>): Verdict[] {
  return [...TARGETS.map((target) => judgeTarget(target, results)), ...judgePeers(results)];
}

function judgeTarget(target: Target, results: readonly BenchResult[]): Verdict {
  const { title, reads, better, atLeast, aim } = target;
  const unit = reads === 'ratio' ? '×' : '\u00a0µs';
  const sign = better === 'higher' ? '≥' : '≤';
  const value = reading(target, results);
  return {
    target: title,
    atLeast: `${sign}\u00a0${atLeast}${unit}`,
    aim: aim === undefined ? '' : `${sign}\u00a0${aim}${unit}`,
    measured: value === undefined ? '' : `${formatNumber(value)}${unit}`,
    met: value === undefined ? 'not measured' : reached(target, value),
  };
}

function reading({ scenario, peer, reads }: Target, results: readonly BenchResult[]): number | undefined {
  const result = results.find((candidate) => candidate.scenario === scenario && candidate.peer === peer);
  return reads === 'ratio' ? result?.ratio : result?.costs.ours[reads];
}

function reached({ better, atLeast, aim }: Target, value: number): Met {
  const isWithin = (limit: number): boolean => (better === 'higher' ? value >= limit : value <= limit);
  if (!isWithin(atLeast)) return 'no';
  return aim !== undefined && isWithin(aim) ? 'aim' : 'yes';
}

/** One row a peer: ahead of it in every scenario that it can run. */
function judgePeers(results: readonly BenchResult[]): Verdict[] {
  const peers = new Set(results.map(({ peer }) => peer).filter((peer) => !isMillrace(peer)));
  const rows = [...peers].map((peer) =>
    judgePeer(
      peer,
      results.filter((result) => result.peer === peer),
    ),
  );
  if (rows.length > 0) return rows;
  return [
    { target: 'ahead of each peer in every scenario', atLeast: 'all', aim: '', measured: '', met: 'not measured' },
  ];
}

function judgePeer(peer: string, results: readonly BenchResult[]): Verdict {
  const behind = results.filter((result) => standing(result) !== 'ahead');
  return {
    target: `ahead of ${peer} in every scenario that it can run`,
    atLeast: 'all',
    aim: '',
    measured: `${results.length - behind.length} of ${results.length}`,
    met: behind.length === 0 ? 'yes' : 'no',
    ...(behind.length > 0 && { remark: `not: ${behind.map(({ title }) => title).join('; ')}` }),
  };
}
