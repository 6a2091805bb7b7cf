/** What one job costs each library, scenario by scenario. */
import type { Costs } from '../../result.js';
import { ownCosts, type Figure, type FigureSet } from '../figures.js';
import { formatNumber } from '../format.js';
import { html, type Markup } from './markup.js';

const COLUMNS: readonly { readonly name: keyof Costs; readonly label: string }[] = [
  { name: 'redisMicros', label: 'Redis µs' },
  { name: 'scriptMicros', label: 'Lua µs' },
  { name: 'nodeMicros', label: 'Node µs' },
  { name: 'commandsPerJob', label: 'com\u00admands' },
  { name: 'bytesPerJob', label: 'bytes' },
];

/** `undefined` where nothing of the kind was measured. */
export function costTable(sets: readonly FigureSet[]): Markup | undefined {
  const figures = sets.flatMap((set) => set.figures);
  const blocks = figures
    .map((figure) => ({ title: figure.title, rows: rowsOf(figure) }))
    .filter(({ rows }) => rows.length > 0);
  if (blocks.length === 0) return undefined;
  return html`<table class="costs">
    <caption>
      CPU time of Redis and of Node.js, time inside scripts (Lua), commands (those of scripts included) and bytes on the
      wire, each for one job. Less is better.
    </caption>
    <thead>
      <tr>
        <th scope="col">library</th>
        ${COLUMNS.map(({ label }) => html`<th scope="col">${label}</th>`)}
      </tr>
    </thead>
    ${blocks.map(
      ({ title, rows }) =>
        html`<tbody>
          <tr>
            <th scope="rowgroup" colspan="${COLUMNS.length + 1}">${title}</th>
          </tr>
          ${rows}
        </tbody> `,
    )}
  </table>`;
}

function rowsOf(figure: Figure): Markup[] {
  const ours = { name: 'Millrace', className: 'ours', costs: ownCosts(figure) };
  const theirs = figure.results.map(({ peer, costs }) => ({ name: peer, className: 'theirs', costs: costs.theirs }));
  return [ours, ...theirs]
    .filter(({ costs }) => COLUMNS.some(({ name }) => costs[name] !== undefined))
    .map(
      ({ name, className, costs }) =>
        html`<tr class="${className}">
          <th scope="row">${name}</th>
          ${COLUMNS.map((column) => html`<td>${shown(costs[column.name])}</td>`)}
        </tr> `,
    );
}

function shown(cost: number | undefined): string {
  return cost === undefined ? '–' : formatNumber(cost);
}
