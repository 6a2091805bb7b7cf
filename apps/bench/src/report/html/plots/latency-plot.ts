/** Latencies: for Millrace and each peer a dot at the median, a ring at the 99th percentile, a line between them. */
import { groupBy, type Figure, type FigureSet } from '../../figures.js';
import { formatAmount, formatNumber, PERSISTENCE_LABELS } from '../../format.js';
import { html, type Markup } from '../markup.js';
import { axis, dot, row, span } from './row.js';
import { logarithmicScale, type Scale } from './scale.js';

/** What a figure of latency is a percentile of, and which: scenario `latency-idle-p50` has the title `idle, p50`. */
const PERCENTILE = /-p(50|99)$/;
const PERCENTILE_IN_TITLE = /[\s,]*\bp(50|99)\b/;

/** Is this a figure for this plot? */
export function isPercentile({ scenario }: Figure): boolean {
  return PERCENTILE.test(scenario);
}

/** Of figures that are percentiles. */
export function latencyPlot({ persistence, figures }: FigureSet): Markup {
  const blocks = groupBy(figures, ({ scenario }) => scenario.replace(PERCENTILE, '')).map((pair) => ({
    title: pair[0].title.replace(PERCENTILE_IN_TITLE, ''),
    rows: rowsOf(pair),
  }));
  const times = blocks.flatMap(({ rows }) => rows.flatMap(({ p50, p99 }) => [p50, p99]));
  const scale = logarithmicScale(times.filter((time) => time !== undefined));
  const ticks = axis(scale, (tick) => tick.toLocaleString('en'));
  return html`<table class="plot latencies">
    <caption>
      <strong>p50 and p99, ms</strong
      >, ${PERSISTENCE_LABELS[persistence]}. The dot is the median, the ring the 99th percentile. Further left is
      better. Logarithmic axis.
    </caption>
    <colgroup>
      <col class="name" />
      <col />
      <col class="percentile" />
      <col class="percentile" />
    </colgroup>
    <thead>
      <tr>
        <th scope="col">library</th>
        <td>${ticks}</td>
        <th scope="col">p50</th>
        <th scope="col">p99</th>
      </tr>
    </thead>
    ${blocks.map(
      ({ title, rows }) =>
        html`<tbody>
          <tr>
            <th scope="rowgroup" colspan="4">${title}</th>
          </tr>
          ${rows.map((entry) => latencyRow(title, entry, scale))}
        </tbody> `,
    )}
  </table>`;
}

interface LatencyRow {
  readonly name: string;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

function rowsOf(figures: readonly Figure[]): LatencyRow[] {
  const percentile = (which: string): Figure | undefined =>
    figures.find(({ scenario }) => PERCENTILE.exec(scenario)?.[1] === which);
  const [p50, p99] = [percentile('50'), percentile('99')];
  const peers = new Set(figures.flatMap(({ results }) => results.map(({ peer }) => peer)));
  const theirs = (figure: Figure | undefined, name: string): number | undefined =>
    figure?.results.find(({ peer }) => peer === name)?.theirs;
  return [
    { name: 'Millrace', p50: p50?.ours, p99: p99?.ours },
    ...[...peers].map((name) => ({ name, p50: theirs(p50, name), p99: theirs(p99, name) })),
  ];
}

function latencyRow(title: string, { name, p50, p99 }: LatencyRow, scale: Scale): Markup {
  const className = name === 'Millrace' ? 'ours' : 'theirs';
  const marks = html`${p50 === undefined || p99 === undefined ? undefined : span(scale, [p50, p99], 'range')}${
    p99 === undefined ? undefined : dot(scale, p99, 'p99', 4)
  }${p50 === undefined ? undefined : dot(scale, p50, 'p50', 4.5)}`;
  const spoken = (time: number | undefined): string => (time === undefined ? 'not measured' : formatAmount(time, 'ms'));
  return html`<tr class="${className}">
    <th scope="row">${name}</th>
    <td>
      ${row(scale, {
        title: `${title}, ${name}: p50 ${spoken(p50)}, p99 ${spoken(p99)}`,
        marks,
      })}
    </td>
    <td>${shown(p50)}</td>
    <td>${shown(p99)}</td>
  </tr> `;
}

function shown(time: number | undefined): string {
  return time === undefined ? '–' : formatNumber(time);
}
