import type { MendedFinding, RepairReport, VerifyReport } from '@millrace/core';

type Said = VerifyReport | RepairReport;

/** A report for people: a line a finding, and a sentence. */
export function reportText(queue: string, report: Said): string {
  const lines = report.findings.map((finding) => {
    const { kind, key, member, job, problem, repair } = finding;
    const what = job === undefined ? place(key, member) : `${place(key, member)} job ${shown(job)}`;
    return `${outcomeOf(finding)}${kind.padEnd(13)} ${what}: ${problem}; ${repair}.`;
  });
  const unchecked = report.unchecked.map((each) => `not judged: ${each}.`);
  return [...lines, ...unchecked, summary(queue, report)].join('\n');
}

function summary(queue: string, { findings, looked, isClean }: Said): string {
  const found = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  const end = findings.length > 0 && isClean ? ', all is well now' : '';
  return `Queue "${shown(queue)}": ${found} among ${looked} entries${end}.`;
}

function outcomeOf(finding: Said['findings'][number]): string {
  const { outcome } = finding as Partial<MendedFinding>;
  return outcome === undefined ? '' : `${outcome.padEnd(7)} `;
}

function place(key: string, member: string | undefined): string {
  return member === undefined ? shown(key) : `${shown(key)} ${shown(member)}`;
}

/** Names are other people's: nothing of them moves the cursor. */
function shown(text: string): string {
  return text.replace(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
