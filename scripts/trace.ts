/**
 * Says which guarantees (docs/reference/guarantees.md) the last full test run has shown: per family "N of M" and what
 * is open. With --check it runs the tests first if this tree has none behind it, and fails on anything that is open.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { familiesOf, idsIn, putOff, traceOf, type FamilyTrace } from './project/trace-ids.js';
import { lastTestRun, type TestRun } from './project/test-run.js';
import { ROOT, treeDigest } from './project/tree.js';

/** The pages that have a line for each id of a family. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  seed: ['docs/reference/ancestors.md'],
  case: ['docs/reference/faults.md', 'docs/reference/faults-api.md'],
};
const GUARANTEES = ['docs/reference/guarantees.md'];
const check = process.argv.includes('--check');

const families = familiesOf(readFileSync(`${ROOT}test/trace.json`, 'utf8'));
const run = testRun();
const traces = families.map((family) => traceOf(family, run.tests));
for (const trace of traces) print(trace);

const faults = [
  ...(run.success ? [] : ['the last test run failed']),
  ...traces.flatMap(({ family, open }) => open.map((id) => `${family}:${id} is required and not shown`)),
  ...families.flatMap(putOff),
  ...unknownIds(),
  ...undocumentedIds(),
];
if (check && faults.length > 0) {
  for (const fault of faults) console.error(`trace: ${fault}`);
  process.exitCode = 1;
}

function testRun(): TestRun {
  const last = lastTestRun();
  if (last?.tree === treeDigest()) return last;
  if (check) {
    console.log('No test run of this tree: running the tests.');
    spawnSync('npm', ['test'], { cwd: ROOT, stdio: 'inherit' });
  }
  const found = check ? lastTestRun() : last;
  if (found === undefined) throw new Error('there is no test run yet: run "npm test"');
  if (!check) console.log('(the last full run was of another state of the tree)');
  return found;
}

function print({ family, required, open, later }: FamilyTrace): void {
  const shown = `${required.length - open.length} of ${required.length + later.length}`;
  const parts = [`${family} ${later.length > 0 ? `${shown}, ${later.length} later` : shown}`];
  if (open.length > 0) parts.push(`open: ${open.join(' ')}`);
  if (later.length > 0) parts.push(`later: ${later.join(' ')}`);
  console.log(parts.join('   '));
}

/** Ids in test titles that their family does not have: misspelt, or missing from test/trace.json. */
function unknownIds(): string[] {
  const known = new Map(traces.map(({ family, required, later }) => [family, new Set([...required, ...later])]));
  return run.tests.flatMap(({ title, file }) =>
    idsIn(title).flatMap((name) => {
      const [family = '', id = ''] = name.split(':');
      // A family that is not listed at all is free to use, and proves nothing here.
      return known.get(family)?.has(id) === false ? [`${file} names ${name}, which test/trace.json does not list`] : [];
    }),
  );
}

/** Ids that the pages of their family leave out, or show as later when they are not, and the other way round. */
function undocumentedIds(): string[] {
  return traces.flatMap(({ family, required, later }) => {
    const pages = PAGES[family] ?? GUARANTEES;
    const page = pages.join(', ');
    const lines = pages.flatMap((path) =>
      existsSync(ROOT + path) ? readFileSync(ROOT + path, 'utf8').split('\n') : [],
    );
    return [...required, ...later].flatMap((id) => {
      const line = lines.find((text) => new RegExp(`^[^a-zA-Z]*(?:${family}:)?${id}\\b`).test(text));
      if (line === undefined) return [`${page} has no line that begins with ${id}`];
      const marked = line.includes('*later*');
      if (marked === later.includes(id)) return [];
      return [`${page} and test/trace.json do not agree on whether ${family}:${id} is for later`];
    });
  });
}
