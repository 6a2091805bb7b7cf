/** The top of the page: the figures that matter most, then where, when and with what they were measured. */
import type { BenchReport } from '../../result.js';
import { formatDate, formatRatio } from '../format.js';
import type { Verdict } from '../judge.js';
import { REFERENCE_PEER } from '../targets.js';
import { html, type Markup } from './markup.js';
import { summary } from './target-table.js';

/** The scenarios whose ratio to the reference peer stands in large print. */
const HEADLINES = ['drain-100', 'enqueue', 'latency-idle-p50', 'memory-waiting'];

export function head(report: BenchReport, verdicts: readonly Verdict[]): Markup {
  return html`<header>
    <h1>Millrace, measured side by side</h1>
    <p class="lead">${summary(verdicts)}</p>
    ${headlines(report)} ${origin(report)} ${libraries(report)}
  </header>`;
}

function headlines({ results }: BenchReport): Markup | undefined {
  const found = HEADLINES.flatMap((name) =>
    results.filter(({ scenario, peer }) => scenario === name && peer === REFERENCE_PEER),
  );
  if (found.length === 0) return undefined;
  return html`<p class="against">Millrace ÷ ${REFERENCE_PEER}</p>
    <ul class="headlines">
      ${found.map(({ title, ratio }) => html`<li><b>${formatRatio(ratio)}</b> <span>${title}</span></li>`)}
    </ul>`;
}

function origin({ machine, commit, date, rounds }: BenchReport): Markup {
  const facts: readonly (readonly [string, string])[] = [
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memoryGiB)} GiB`],
    ['system', machine.os],
    ['versions', `Node.js ${machine.node}, Redis ${machine.redis}`],
    ['commit', commit],
    ['date', formatDate(date)],
    ['rounds', `${rounds} pairs, Millrace and the peer in turn`],
  ];
  return html`<dl>
    ${facts.map(
      ([term, fact]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${fact}</dd>
        </div>`,
    )}
  </dl>`;
}

function libraries({ versions, settings }: BenchReport): Markup {
  const names = [...new Set([...Object.keys(versions), ...Object.keys(settings)])];
  return html`<table class="libraries">
    <caption>
      Each library as its own documentation recommends it for speed.
    </caption>
    <colgroup>
      <col class="name" />
      <col class="version" />
      <col />
    </colgroup>
    <thead>
      <tr>
        <th scope="col">library</th>
        <th scope="col">version</th>
        <th scope="col">settings</th>
      </tr>
    </thead>
    <tbody>
      ${names.map(
        (name) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${versions[name] ?? '–'}</td>
            <td>${settings[name] ?? '–'}</td>
          </tr> `,
      )}
    </tbody>
  </table>`;
}
