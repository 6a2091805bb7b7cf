/** What was measured, in its unit: a bar for Millrace and one for each peer, scenario by scenario. */
import type { FigureSet } from '../../figures.js';
import { formatAmount, formatFigure, PERSISTENCE_LABELS, UNIT_LABELS } from '../../format.js';
import { html, type Markup } from '../markup.js';
import { axis, bar, row } from './row.js';
import { amountScale } from './scale.js';

export function amountPlot({ persistence, unit, better, figures }: FigureSet): Markup {
  const rows = figures.map(({ title, ours, results }) => ({
    title,
    amounts: [
      { name: 'Millrace', amount: ours, className: 'ours' },
      ...results.map(({ peer, theirs }) => ({ name: peer, amount: theirs, className: 'theirs' })),
    ],
  }));
  const scale = amountScale(rows.flatMap(({ amounts }) => amounts.map(({ amount }) => amount)));
  const ticks = axis(scale, compact);
  const draw = (title: string, amount: number, className: string): Markup =>
    row(scale, { title: `${title}: ${formatAmount(amount, unit)}`, marks: bar(scale, 0, amount, `bar ${className}`) });
  return html`<table class="plot amounts">
    <caption>
      <strong>${UNIT_LABELS[unit] || 'as measured'}</strong
      >, ${PERSISTENCE_LABELS[persistence]}. ${better === 'higher' ? 'More is better.' : 'Less is better.'}
    </caption>
    <colgroup>
      <col class="name" />
      <col />
      <col class="value" />
    </colgroup>
    <thead>
      <tr>
        <th scope="col">library</th>
        <td>${ticks}</td>
        <th scope="col">${UNIT_LABELS[unit]}</th>
      </tr>
    </thead>
    ${rows.map(
      ({ title, amounts }) =>
        html`<tbody>
          <tr>
            <th scope="rowgroup" colspan="3">${title}</th>
          </tr>
          ${amounts.map(
            ({ name, amount, className }) =>
              html`<tr class="${className}">
                <th scope="row">${name}</th>
                <td>${draw(`${title}, ${name}`, amount, className)}</td>
                <td>${formatFigure(amount, unit)}</td>
              </tr> `,
          )}
        </tbody> `,
    )}
  </table>`;
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

function compact(amount: number): string {
  return COMPACT.format(amount);
}
