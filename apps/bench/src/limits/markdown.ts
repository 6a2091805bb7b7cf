/** The page of the documentation, from a stored result. */
import { boundOf, holds, valueOf, type CaseResult, type Figure, type LimitsReport } from './figure.js';

/** The whole page. */
export function toMarkdown(report: LimitsReport): string {
  const sections = [...new Set(report.results.map(({ section }) => section))];
  const lines = [
    ...headOf(report),
    ...sections.flatMap((name) =>
      sectionOf(
        name,
        report.results.filter(({ section }) => section === name),
      ),
    ),
    ...FOOT,
  ];
  return `${lines.join('\n')}\n`;
}

function headOf(report: LimitsReport): string[] {
  const { machine, commit, date } = report;
  const day = `${date.slice(0, 16).replace('T', ' ')} UTC`;
  return [
    '# How much Millrace bears',
    '',
    'Measured figures, case by case of the [loads in the catalogue of faults](faults-api.md#load), and what each must be. The command measures',
    'them on your machine, says what it does, and ends by itself within fifteen minutes, with 1 where a figure is not what it must be:',
    '',
    '```',
    'npm run bench:limits                           # full sizes, all cases',
    'npm run bench:limits -- --small                # a minute or two: tries everything out',
    'npm run bench:limits -- --case due,queues --json result.json --markdown result.md',
    'npm run bench:limits -- --case served --size 1000',
    '```',
    '',
    'Each case has a Redis of its own (loopback, no persistence). “Longest command” is the longest that Redis itself noted (`SLOWLOG`), by the',
    'wall clock. That Redis is given the highest priority, where the system allows it. `npm run bench:million` does everything to a queue of a million jobs, call by call.',
    '',
    `Measured ${day} at commit ${commit} on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, Node.js ${machine.node},`,
    `Redis ${machine.redis}; one run.`,
    ...caveatsOf(report),
    '',
  ];
}

/** What takes weight from the figures: said before they are. */
function caveatsOf({ results, loadBefore, machine }: LimitsReport): string[] {
  const small = results.filter(({ isFull }) => !isFull).length;
  const isBusy = loadBefore > machine.cores / 2;
  const isDisfavoured = results.some(({ isFavoured }) => isFavoured === false);
  return [
    ...(small === 0
      ? []
      : [
          `**${small} of ${results.length} cases are not at their full size yet: this is a first try, and the full run follows.**`,
        ]),
    ...(isDisfavoured
      ? ['**Redis could not be given a priority: its longest commands include how long it waited for a processor.**']
      : []),
    ...(isBusy
      ? [
          `**The machine did other work meanwhile (load ${loadBefore} before it): times and shares of CPU are too high by that and count for nothing;`,
          'numbers of connections, bytes and jobs are not touched by it.**',
        ]
      : []),
  ];
}

function sectionOf(name: string, results: readonly CaseResult[]): string[] {
  return [
    `## ${name}`,
    '',
    '| case | figure | measured | must be | |',
    '| --- | --- | --- | --- | --- |',
    ...results.flatMap(rowsOf),
    '',
  ];
}

function rowsOf({ id, title, figures, error, isFull }: CaseResult): string[] {
  const about = `${id}: ${title}${isFull ? '' : ' (not full)'}`;
  if (error !== undefined) return [`| ${about} | | **${error}** | | missed |`];
  return figures.map((figure, index) => rowOf(index === 0 ? about : '', figure));
}

function rowOf(about: string, figure: Figure): string {
  const isHeld = holds(figure);
  const bound = boundOf(figure);
  const verdict = bound === '' ? '' : isHeld ? 'held' : '**missed**';
  return `| ${about} | ${figure.what} | ${valueOf(figure)} | ${bound} | ${verdict} |`;
}

const FOOT = [
  '## Where a bound is missed',
  '',
  'L8 has 200 workers in one process, which with the server keeps both cores of this machine busy for half a minute: each call waits behind',
  '200 to 400 others of a tenth of a millisecond. Workers ask for less where calls take long; while each asked for 256 jobs, and fired a hundred',
  'schedules at once, the PING took 1.7 s.',
  '',
  '## What is not measured here',
  '',
  'A job that kills its workers (L7: `test/faults/process-poison.spec.ts` shows that its neighbours complete), thousands of lost leases (L9:',
  '`test/lua/bounds.spec.ts` counts the commands), dashboards (L14). One worker bears ten thousand queues, each with a lease to renew and',
  'to look at: 2,000 to 2,600 calls a second where nothing happens. Most of so many are better [groups](../guides/groups.md) of one queue.',
];
