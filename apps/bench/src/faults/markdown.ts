/** The page of the documentation, from a stored result. */
import { FIGURES, type FigureName } from './case.js';
import type { CaseResult, FaultsReport, FigureResult, Spread } from './result.js';
import { compare, type Verdict } from './verdict.js';

const VERDICTS: Readonly<Record<Verdict, string>> = Object.freeze({
  millrace: 'Millrace',
  bullmq: 'BullMQ',
  equal: 'equal',
});

/** What a case has where nothing is said. */
const ROUNDS = 5;

/** The whole page. */
export function toMarkdown(report: FaultsReport): string {
  return `${[...headOf(report), ...overviewOf(report), ...report.cases.flatMap(sectionOf), ...footOf(report)].join('\n')}\n`;
}

function headOf(report: FaultsReport): string[] {
  const { machine, versions, commit, date, rounds, seed, loadBefore, settings, leaseMs } = report;
  const day = `${date.slice(0, 16).replace('T', ' ')} UTC`;
  return [
    '# Faults, compared',
    '',
    `The same faults against Millrace ${versions.millrace} and BullMQ ${versions.bullmq}, both as black boxes, from the benchmark's application: real`,
    'processes, a real Redis of its own for each round, a TCP proxy where a connection fails. `npm run bench:faults` makes this page.',
    '',
    `Measured ${day} at commit ${commit} on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, Node.js ${machine.node}, Redis ${machine.redis}`,
    `(append-only, everysec); ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of each case, seed ${seed}, load of the machine before it ${loadBefore}.`,
    ...(loadBefore <= machine.cores / 2
      ? []
      : [
          '**The machine did other work meanwhile: the counts hold, the times are to be measured again on a quiet one.**',
        ]),
    ...(leaseMs === undefined ? [] : [`Leases were ${leaseMs} ms on both sides: a run for trying things out.`]),
    '',
    `- Millrace: ${settings.millrace}.`,
    `- BullMQ: ${settings.bullmq}.`,
    '',
    'Both sides of a round run at the same time and with the fault at the same moment. A figure is the median of the rounds, with the worst in',
    'brackets where it differs; "never" means not while it was waited for (75 s; 20 s for closing). A time counts as different from a fifth up',
    'and 50 ms, in the median. One attempt a job is allowed, so that what a fault costs is seen.',
    '',
  ];
}

function overviewOf({ cases }: FaultsReport): string[] {
  return [
    '| case | | better in something |',
    '| --- | --- | --- |',
    ...cases.map((one) => {
      const winners = new Set(one.figures.map(compare).filter((verdict) => verdict !== 'equal'));
      const names = [...winners].sort().reverse();
      return `| ${one.name} | ${one.title} | ${names.length === 0 ? 'equal' : names.map((name) => VERDICTS[name]).join(', ')} |`;
    }),
    '',
  ];
}

function sectionOf({ name, title, setup, remark, rounds, figures }: CaseResult): string[] {
  const isDull = ({ millrace, bullmq }: FigureResult): boolean => millrace.worst === 0 && bullmq.worst === 0;
  const dull = figures.filter(isDull).map(({ figure }) => FIGURES[figure]);
  const told = figures.filter((figure) => !isDull(figure));
  const sentences = [
    setup,
    ...(remark === undefined ? [] : [remark]),
    ...(rounds === ROUNDS ? [] : [`(Rounds: ${rounds}.)`]),
    ...(dull.length === 0 ? [] : [`0 on both sides: ${dull.join('; ')}.`]),
  ];
  return [
    `## ${name}: ${title}`,
    sentences.join(' '),
    '',
    ...(told.length === 0
      ? []
      : ['| | Millrace | BullMQ | better |', '| --- | --- | --- | --- |', ...told.map(rowOf), '']),
  ];
}

function rowOf(result: FigureResult): string {
  const { figure, millrace, bullmq } = result;
  return `| ${FIGURES[figure]} | ${textOf(figure, millrace)} | ${textOf(figure, bullmq)} | ${VERDICTS[compare(result)]} |`;
}

function textOf(figure: FigureName, { median, worst }: Spread): string {
  const middle = valueOf(figure, median);
  const edge = valueOf(figure, worst);
  return middle === edge ? middle : `${middle} (${edge})`;
}

function valueOf(figure: FigureName, value: number | null): string {
  if (value === null) return figure.endsWith('Ms') ? 'never' : 'unknown';
  return Math.round(value).toLocaleString('en');
}

function footOf({ notes }: FaultsReport): string[] {
  return notes.length === 0 ? [] : ['## What is missing', '', ...notes.map((note) => `- ${note}`), ''];
}
