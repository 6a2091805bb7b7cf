import type { BenchReport } from '../../../apps/bench/src/result.ts';
import { madeUpReport, madeUpResult } from './made-up-report.ts';

/** What a text must never be taken for: markup, an attribute's end, a table's column, a comment, an entity. */
export const HOSTILE = `<script>document.title='taken'</script>"><img src=x onerror="document.title='taken'">'|&amp;--><b>`;

/** A report each text of which is hostile. */
export function hostileReport(): BenchReport {
  const report = madeUpReport([
    madeUpResult({ title: HOSTILE, group: HOSTILE, peer: HOSTILE, note: HOSTILE }),
    madeUpResult({ title: HOSTILE }),
    madeUpResult({
      scenario: 'latency-idle-p50',
      title: HOSTILE,
      group: HOSTILE,
      peer: HOSTILE,
      unit: 'ms',
      better: 'lower',
    }),
  ]);
  return {
    ...report,
    machine: { ...report.machine, cpu: HOSTILE, os: HOSTILE, node: HOSTILE, redis: HOSTILE },
    versions: { [HOSTILE]: HOSTILE },
    settings: { [HOSTILE]: HOSTILE },
    commit: HOSTILE,
    date: HOSTILE,
    notes: [HOSTILE],
  };
}
