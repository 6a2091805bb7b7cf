/** Millrace against each peer: a bar from 1× to the median ratio, a whisker over the spread, a dot for every pair. */
import type { BenchResult } from '../../../result.js';
import { standing, type FigureSet } from '../../figures.js';
import { formatNumber, formatRatio, PERSISTENCE_LABELS } from '../../format.js';
import { html, type Markup } from '../markup.js';
import { axis, bar, dot, notch, row, span, word } from './row.js';
import { ratioScale, type Scale } from './scale.js';

const DOT_RADIUS = 2.25;

export function ratioPlot({ persistence, better, figures }: FigureSet): Markup {
  const all = figures.flatMap(({ results }) => results);
  const scale = ratioScale(all.flatMap(({ ratio, spread, pairs }) => [ratio, ...spread, ...pairs]));
  const ticks = axis(scale, (tick) => `${tick.toLocaleString('en')}×`);
  return html`<table class="plot ratios">
    <caption>
      <strong>Millrace ÷ peer</strong
      >, ${PERSISTENCE_LABELS[persistence]}.
      ${
        better === 'higher' ? 'Further right is better.' : 'Further left is better.'
      }${scale.isLogarithmic ? ' Logarithmic axis.' : undefined}
    </caption>
    <colgroup>
      <col class="name" />
      <col />
      <col class="value" />
      <col class="spread" />
    </colgroup>
    <thead>
      <tr>
        <th scope="col">peer</th>
        <td>${ticks}</td>
        <th scope="col">ratio</th>
        <th scope="col" class="spread">spread</th>
      </tr>
    </thead>
    ${figures.map(
      ({ title, results }) =>
        html`<tbody>
          <tr>
            <th scope="rowgroup" colspan="4">${title}</th>
          </tr>
          ${results.map((result) => resultRow(result, scale))}
        </tbody> `,
    )}
    <tfoot>
      <tr>
        <td></td>
        <td>${ticks}</td>
        <td></td>
        <td class="spread"></td>
      </tr>
    </tfoot>
  </table>`;
}

function resultRow(result: BenchResult, scale: Scale): Markup {
  const { peer, ratio, spread, note } = result;
  return html`<tr class="${standing(result)}">
      <th scope="row">${peer}</th>
      <td>${drawing(result, scale)}</td>
      <td>${formatRatio(ratio)}</td>
      <td class="spread">${spread.map(formatNumber).join(' – ')}</td>
    </tr>
    ${
      note === undefined
        ? undefined
        : html`<tr class="note">
            <td></td>
            <td colspan="3">${note}</td>
          </tr>`
    }`;
}

function drawing(result: BenchResult, scale: Scale): Markup {
  const { title, peer, ratio, spread, pairs } = result;
  return row(scale, {
    title: `${title}: ${formatRatio(ratio)} ${peer} (${standing(result)}), from ${formatRatio(spread[0])} to ${formatRatio(spread[1])}`,
    desc: `Pair by pair: ${pairs.map(formatRatio).join(', ')}`,
    marks: html`${bar(scale, 1, ratio, 'bar')}${notch(scale, 1, 'unity', 13)}${span(scale, spread, 'whisker')}${spread.map(
      (end) => notch(scale, end, 'whisker'),
    )}${pairs.map((pair) => dot(scale, pair, 'pair', DOT_RADIUS))}${notch(scale, ratio, 'median', 8)}${judgement(result, scale)}`,
  });
}

/** Where Millrace is not ahead, the word for it, off the bar. */
function judgement(result: BenchResult, scale: Scale): Markup | undefined {
  const state = standing(result);
  if (state !== 'behind' && state !== 'even') return undefined;
  const [lowest, highest] = result.spread;
  return result.better === 'higher'
    ? word(scale, Math.max(1, highest), state, 'right')
    : word(scale, Math.min(1, lowest), state, 'left');
}
