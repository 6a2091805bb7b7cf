/** The targets as a Markdown table, for the documentation. */
import type { BenchReport } from '../result.js';
import { originOf } from './format.js';
import { judge, type Verdict } from './judge.js';

/** Where and when it was measured, then a row for each target. */
export function toMarkdown(report: BenchReport): string {
  const head = ['| target | at least | aim | measured | met |', '|---|--:|--:|--:|---|'];
  return `${escapeText(originOf(report))}\n\n${[...head, ...judge(report).map(rowOf)].join('\n')}\n`;
}

function rowOf({ target, atLeast, aim, measured, met, remark }: Verdict): string {
  const title = remark === undefined ? target : `${target} (${remark})`;
  return `| ${[title, atLeast, aim || '–', measured || '–', met].map(escapeText).join(' | ')} |`;
}

function escapeText(text: string): string {
  return text.replaceAll(/[\\|<>`*_[\]]/g, (character) => `\\${character}`).replaceAll(/\s*\n\s*/g, ' ');
}
