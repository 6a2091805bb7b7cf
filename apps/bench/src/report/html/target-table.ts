/** The targets: what was to be reached, what was measured, and whether that is enough, in a word. */
import type { Verdict } from '../judge.js';
import { REFERENCE_PEER } from '../targets.js';
import { html, type Markup } from './markup.js';

export function targetTable(verdicts: readonly Verdict[]): Markup {
  return html`<table class="targets">
    <caption>
      Ratios are medians of Millrace ÷ ${REFERENCE_PEER}, pair by pair, where nothing else is said.
    </caption>
    <thead>
      <tr>
        <th scope="col">target</th>
        <th scope="col">at least</th>
        <th scope="col">aim</th>
        <th scope="col">measured</th>
        <th scope="col">met</th>
      </tr>
    </thead>
    <tbody>
      ${verdicts.map(verdictRow)}
    </tbody>
  </table>`;
}

/** How many targets are met, in a sentence. */
export function summary(verdicts: readonly Verdict[]): string {
  const measured = verdicts.filter(({ met }) => met !== 'not measured');
  if (measured.length === 0) return 'None of the targets was measured.';
  const met = measured.filter(({ met }) => met !== 'no');
  const aims = met.filter((verdict) => verdict.met === 'aim');
  const missing = verdicts.length - measured.length;
  return `${met.length} of ${measured.length} measured targets are met, ${aims.length} of them as aimed for${
    missing === 0 ? '' : `; ${missing} more were not measured`
  }.`;
}

function verdictRow({ target, atLeast, aim, measured, met, remark }: Verdict): Markup {
  return html`<tr>
    <th scope="row">${target}${remark === undefined ? undefined : html`<small>${remark}</small>`}</th>
    <td>${atLeast}</td>
    <td>${aim || '–'}</td>
    <td>${measured || '–'}</td>
    <td><span class="met ${met.replace(' ', '-')}">${met}</span></td>
  </tr> `;
}
