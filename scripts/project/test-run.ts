import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { ROOT } from './tree.js';

/** Jest's own report of the last full run, and what this project keeps of it. */
export const JEST_REPORT = `${ROOT}.cache/jest.json`;
const LAST_RUN = `${ROOT}.cache/test-run.json`;

/** One test of a run. */
export interface TestResult {
  readonly file: string;
  /** The titles of its groups and its own, joined by spaces. */
  readonly title: string;
  readonly status: string;
}

/** The last full test run. */
export interface TestRun {
  /** Digest of the tree that was tested. */
  readonly tree: string;
  readonly success: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly tests: readonly TestResult[];
}

interface JestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Turns Jest's report into the last run of `tree`, and keeps it. A file that failed as a whole is one failure. */
export function keepTestRun(tree: string): TestRun {
  const report = JSON.parse(readFileSync(JEST_REPORT, 'utf8')) as JestReport;
  const run: TestRun = {
    tree,
    success: report.success,
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
    tests: report.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ fullName, status }) => ({ file: relative(ROOT, name), title: fullName, status })),
    ),
  };
  mkdirSync(dirname(LAST_RUN), { recursive: true });
  writeFileSync(LAST_RUN, JSON.stringify(run, null, 1));
  return run;
}

/** The last full run; undefined before the first one. */
export function lastTestRun(): TestRun | undefined {
  try {
    return JSON.parse(readFileSync(LAST_RUN, 'utf8')) as TestRun;
  } catch {
    return undefined;
  }
}
