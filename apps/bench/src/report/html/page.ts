/** The report as one HTML file that needs nothing else: no script, no font, no network. */
import type { BenchReport } from '../../result.js';
import { figureSetsOf, groupBy, type FigureSet } from '../figures.js';
import { judge } from '../judge.js';
import { costTable } from './cost-table.js';
import { head } from './head.js';
import { html, Markup } from './markup.js';
import { amountPlot } from './plots/amount-plot.js';
import { isPercentile, latencyPlot } from './plots/latency-plot.js';
import { ratioPlot } from './plots/ratio-plot.js';
import { STYLE } from './style.js';
import { targetTable } from './target-table.js';

/** The whole page. Every text of the report is escaped. */
export function toHtml(report: BenchReport): string {
  const sets = figureSetsOf(report);
  const verdicts = judge(report);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Millrace, measured side by side</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        ${HATCHING}
        <main>
          ${head(report, verdicts)} ${section('Targets', targetTable(verdicts))}
          ${section('How to read the plots', sets.length === 0 ? undefined : LEGEND)}
          ${groupBy(sets, ({ group }) => group).map((members) => section(members[0].group, members.map(plotsOf)))}
          ${section('What a job costs', costTable(sets))} ${section('What to know', notesOf(report))}
        </main>
      </body>
    </html> `.text;
}

function section(title: string, content: Markup | undefined | readonly Markup[]): Markup | undefined {
  return content === undefined
    ? undefined
    : html`<section>
        <h2>${title}</h2>
        ${content}
      </section>`;
}

function plotsOf(set: FigureSet): Markup {
  const latencies = set.figures.filter(isPercentile);
  const others = set.figures.filter((figure) => !isPercentile(figure));
  return html`${ratioPlot(set)}${latencies.length > 0 ? latencyPlot({ ...set, figures: latencies }) : undefined}${
    others.length > 0 ? amountPlot({ ...set, figures: others }) : undefined
  }`;
}

function notesOf({ notes }: BenchReport): Markup | undefined {
  return notes.length === 0
    ? undefined
    : html`<ul>
        ${notes.map((note) => html`<li>${note}</li>`)}
      </ul>`;
}

const LEGEND = html`<p>
  A bar runs from 1×, where both are equal, to the median of the ratios. Every dot is the ratio of one pair of runs,
  made one after the other; the whisker spans them. Where the peer is ahead, the bar is hatched and says “behind”. Grey:
  Millrace against itself in another setting.
</p>`;

/** The pattern of bars where a peer is ahead: told from the others without colour. */
const HATCHING = html`<svg width="0" height="0" class="defs" aria-hidden="true">
  <defs>
    <pattern id="hatching" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="5" height="5" />
      <line y2="5" />
    </pattern>
  </defs>
</svg>`;
