/** The page of the documentation, from a stored result. */
import { FIGURES, type FigureName } from './case.js';
import type { CaseResult, FaultsReport, FigureResult, Spread } from './result.js';
import { compare, isBusy, isTime, type Verdict } from './verdict.js';

const VERDICTS: Readonly<Record<Verdict, string>> = Object.freeze({
  millrace: 'Millrace',
  bullmq: 'BullMQ',
  equal: 'equal',
});

/** What a case has where nothing is said. */
const ROUNDS = 5;

/** The whole page. */
export function toMarkdown(report: FaultsReport): string {
  const verdictOf = isBusy(report) ? withoutTimes : (result: FigureResult): string => VERDICTS[compare(result)];
  const sections = report.cases.flatMap((one) => sectionOf(one, verdictOf));
  return `${[...headOf(report), ...overviewOf(report, verdictOf), ...sections, ...footOf(report)].join('\n')}\n`;
}

/** Who is better, in words; empty where that cannot be said. */
type VerdictOf = (result: FigureResult) => string;

/** On a machine that does other work only what is counted is compared. */
function withoutTimes(result: FigureResult): string {
  return isTime(result.figure) ? '' : VERDICTS[compare(result)];
}

function headOf(report: FaultsReport): string[] {
  const { machine, versions, commit, date, rounds, seed, loadBefore, settings, leaseMs, cases } = report;
  const isPart = rounds < ROUNDS || cases.some((one) => one.rounds < rounds);
  const day = `${date.slice(0, 16).replace('T', ' ')} UTC`;
  return [
    '# Faults, compared',
    '',
    `The same faults against Millrace ${versions.millrace} and BullMQ ${versions.bullmq}, both as black boxes, from the benchmark's application: real`,
    'processes, a real Redis of its own for each round, a TCP proxy where a connection fails. `npm run bench:faults` makes this page.',
    '',
    `Measured ${day} at commit ${commit} on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, Node.js ${machine.node}, Redis ${machine.redis}`,
    `(append-only, everysec); ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of each case, seed ${seed}, load of the machine before it ${loadBefore}.`,
    ...(isPart ? [`**This is a first, short run: the full one has ${ROUNDS} rounds of each case, and follows.**`] : []),
    ...(isBusy(report)
      ? [
          '**The machine did other work meanwhile: what is counted holds; times are no comparison, and are to be measured on a quiet one.**',
        ]
      : []),
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

function overviewOf({ cases }: FaultsReport, verdictOf: VerdictOf): string[] {
  return [
    '| case | | better in something |',
    '| --- | --- | --- |',
    ...cases.map((one) => {
      const verdicts = new Set(one.figures.map(verdictOf));
      const winners = [VERDICTS.millrace, VERDICTS.bullmq].filter((name) => verdicts.has(name));
      const isEqual = winners.length === 0 && verdicts.has(VERDICTS.equal);
      return `| ${one.name} | ${one.title} | ${isEqual ? VERDICTS.equal : winners.join(', ')} |`;
    }),
    '',
  ];
}

function sectionOf({ name, title, setup, remark, rounds, figures }: CaseResult, verdictOf: VerdictOf): string[] {
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
      : [
          '| | Millrace | BullMQ | better |',
          '| --- | --- | --- | --- |',
          ...told.map((figure) => rowOf(figure, verdictOf)),
          '',
        ]),
  ];
}

function rowOf(result: FigureResult, verdictOf: VerdictOf): string {
  const { figure, millrace, bullmq } = result;
  return `| ${FIGURES[figure]} | ${textOf(figure, millrace)} | ${textOf(figure, bullmq)} | ${verdictOf(result)} |`;
}

function textOf(figure: FigureName, { median, worst }: Spread): string {
  const middle = valueOf(figure, median);
  const edge = valueOf(figure, worst);
  return middle === edge ? middle : `${middle} (${edge})`;
}

function valueOf(figure: FigureName, value: number | null): string {
  if (value === null) return isTime(figure) ? 'never' : 'unknown';
  return Math.round(value).toLocaleString('en');
}

function footOf({ notes }: FaultsReport): string[] {
  return notes.length === 0 ? [] : ['## What is missing', '', ...notes.map((note) => `- ${note}`), ''];
}
