import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { RunResult } from './run.ts';
import { PATIENCE_MS } from './run.ts';
import { VERDICTS, type Finding, type VerdictName } from './verdict/evidence.ts';
import { judge } from './verdict/judge.ts';
import { MACHINE, recoveries, summarize, type RecoveryMs } from './verdict/recovery.ts';

/** The result of a run, as `--json` writes it. */
export type ChaosReport = Readonly<Record<VerdictName, number>> & {
  readonly seed: number;
  readonly seconds: number;
  readonly jobs: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly recoveryMs: RecoveryMs;
  readonly machine: { readonly cores: number; readonly node: string; readonly redis: string };
};

/** A report, and the text for people. */
export interface Conclusion {
  readonly report: ChaosReport;
  readonly text: string;
  /** What must not happen did not. */
  readonly isGood: boolean;
}

/** So many findings of a kind are printed with their histories. */
const SHOWN = 5;
/** So many of the slowest recoveries are named, and above this told whole. */
const SLOWEST = 3;
const SLOW_MS = 5_000;

export function conclude(
  { evidence, problems, met, events, redis }: RunResult,
  seconds: number,
  seed: number,
): Conclusion {
  const { verdict, jobs, repeated } = judge(evidence);
  const recovered = recoveries(evidence);
  const late = recovered
    .filter(({ ms }) => ms > PATIENCE_MS)
    .map(({ what, ms }) => `${what} only recovered after ${ms} ms`);
  const counts = Object.fromEntries(VERDICTS.map((name) => [name, verdict[name].length])) as Record<
    VerdictName,
    number
  >;
  const report: ChaosReport = {
    ...counts,
    jobs,
    faults: countKinds(evidence.faults.filter(({ kind }) => kind !== MACHINE).map(({ kind }) => kind)),
    recoveryMs: summarize(recovered),
    seed,
    seconds,
    machine: { cores: cpus().length, node: process.version, redis },
  };
  const all = [...problems, ...late];
  const isGood = all.length === 0 && VERDICTS.every((name) => counts[name] === 0);
  const made = Object.values(report.faults).reduce((sum, count) => sum + count, 0);
  const stalls = evidence.faults.filter(({ kind }) => kind === MACHINE).length;
  const text = [
    ...VERDICTS.flatMap((name) => shown(name, verdict[name])),
    ...all.map((problem) => `problem: ${problem}`),
    `${jobs} jobs, ${made} faults (${Object.entries(report.faults)
      .map(([kind, n]) => `${kind} ${n}`)
      .join(', ')})`,
    `${met.length} named points met; ${repeated} runs began again after a crash or a lost lease; ${events} events; ${stalls} stalls of the machine`,
    `recovery: half within ${report.recoveryMs.p50} ms, 99 % within ${report.recoveryMs.p99} ms, all within ${report.recoveryMs.max} ms`,
    ...recovered
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, SLOWEST)
      .flatMap(({ what, ms, history }) => [
        `    ${ms} ms: ${what}`,
        ...(ms > SLOW_MS ? (history ?? []).map((line) => `        ${line}`) : []),
      ]),
    VERDICTS.map((name) => `${name} ${counts[name]}`).join(', '),
    isGood
      ? `Nothing was lost. Seed ${seed}.`
      : `FAILED. The same plan again: npm run chaos -- --seconds ${seconds} --seed ${seed}`,
  ].join('\n');
  return { report, text, isGood };
}

export function writeReport(file: string, report: ChaosReport): void {
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

function countKinds(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds.toSorted()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function shown(name: VerdictName, findings: readonly Finding[]): string[] {
  return findings
    .slice(0, SHOWN)
    .flatMap(({ what, history }) => [`${name}: ${what}`, ...history.map((line) => `    ${line}`)]);
}
