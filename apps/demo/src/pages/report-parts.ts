import { type Html, html } from './html.js';

/** A part of the report with its title, and a remark beside that. */
export function card(title: string, remark: string, content: readonly Html[]): Html {
  return html`<section class="card">
    <header>
      <h2>${title}</h2>
      <span class="muted">${remark}</span>
    </header>
    ${content}
  </section>`;
}

/** Text columns, columns of figures, and columns of bars. */
type Heading = string | { readonly number: string } | { readonly share: string };

/** Rows are given as their cells. A wide table scrolls in its card. */
export function table(headings: readonly Heading[], rows: readonly Html[]): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${headings.map(heading)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

function heading(heading: Heading): Html {
  if (typeof heading === 'string') return html`<th>${heading}</th>`;
  return 'number' in heading
    ? html`<th class="num">${heading.number}</th>`
    : html`<th class="share">${heading.share}</th>`;
}

/** A bar as long as `part` is of `whole`. */
export function bar(part: number, whole: number): Html {
  return html`<span class="bar"><i style="width:${((100 * part) / Math.max(1, whole)).toFixed(1)}%"></i></span>`;
}
