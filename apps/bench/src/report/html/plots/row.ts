/** The pieces that plots are put together from: one SVG a row of a table, placed in per cent of its width. */
import { html, type Markup } from '../markup.js';
import type { Scale } from './scale.js';

/** Pixels. */
const ROW_HEIGHT = 26;
const AXIS_HEIGHT = 20;
const WORD_GAP = 9;
const ROW_MIDDLE = ROW_HEIGHT / 2;
const FEW_TICKS = 3;

/** One row of a plot: its grid, and what is drawn on it. Title and description are for readers who do not see it. */
export function row(scale: Scale, { title, desc, marks }: { title: string; desc?: string; marks: Markup }): Markup {
  return html`<svg class="row" width="100%" height="${ROW_HEIGHT}" role="img">
    <title>${title}</title>
    ${desc === undefined ? undefined : html`<desc>${desc}</desc>`}${grid(scale)}${marks}
  </svg>`;
}

/** The labels of an axis. Every other one is `minor`: a narrow screen has no room for it. */
export function axis(scale: Scale, label: (tick: number) => string): Markup {
  // Counted from 1, which every plot of ratios is about.
  const anchor = Math.max(0, scale.ticks.indexOf(1));
  const isMinor = (index: number): boolean => scale.ticks.length > FEW_TICKS && (index - anchor) % 2 !== 0;
  const ticks = scale.ticks.map(
    (tick, index) =>
      html`<text class="${isMinor(index) ? 'minor' : 'major'}" x="${scale.at(tick)}%" y="${AXIS_HEIGHT - 6}">
        ${label(tick)}
      </text>`,
  );
  return html`<svg class="axis" width="100%" height="${AXIS_HEIGHT}" aria-hidden="true">${ticks}</svg>`;
}

/** A bar between two values, whichever is the larger. */
export function bar(scale: Scale, from: number, to: number, className: string): Markup {
  const [left, right] = [scale.at(from), scale.at(to)].sort((a, b) => a - b) as [number, number];
  return html`<rect
    class="${className}"
    x="${left}%"
    y="5"
    width="${round(right - left)}%"
    height="${ROW_HEIGHT - 10}"
  />`;
}

/** A horizontal line between two values, without ends. */
export function span(scale: Scale, [from, to]: readonly [number, number], className: string): Markup {
  return html`<line
    class="${className}"
    x1="${scale.at(from)}%"
    x2="${scale.at(to)}%"
    y1="${ROW_MIDDLE}"
    y2="${ROW_MIDDLE}"
  />`;
}

/** A short vertical line at a value. */
export function notch(scale: Scale, value: number, className: string, half = 4): Markup {
  const x = scale.at(value);
  return html`<line class="${className}" x1="${x}%" x2="${x}%" y1="${ROW_MIDDLE - half}" y2="${ROW_MIDDLE + half}" />`;
}

export function dot(scale: Scale, value: number, className: string, radius: number): Markup {
  return html`<circle class="${className}" cx="${scale.at(value)}%" cy="${ROW_MIDDLE}" r="${radius}" />`;
}

/** A word beside a value, on the side where the drawing ends. */
export function word(scale: Scale, value: number, text: string, side: 'left' | 'right'): Markup {
  const offset = side === 'left' ? -WORD_GAP : WORD_GAP;
  return html`<text class="word ${side}" x="${scale.at(value)}%" dx="${offset}" y="${ROW_MIDDLE + 4}">${text}</text>`;
}

function grid(scale: Scale): Markup {
  const lines = scale.ticks.map(
    (tick) => html`<line x1="${scale.at(tick)}%" x2="${scale.at(tick)}%" y2="${ROW_HEIGHT}" />`,
  );
  return html`<g class="grid">${lines}</g>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
