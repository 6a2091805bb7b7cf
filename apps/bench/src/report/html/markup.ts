/** HTML and SVG as a value of its own, so that no text gets into a page unescaped. */

/** Text that is markup already: what {@link html} has made, or what the caller vouches for. */
export class Markup {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: texts and numbers are escaped, markup is taken as it is, `undefined` is nothing. */
export type Insert = string | number | Markup | undefined | readonly Insert[];

/** A template tag: ``html`<p>${text}</p>` ``. Attributes must be in double quotes. */
export function html(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + render(inserts[index - 1]) + part));
}

function render(insert: Insert): string {
  if (insert === undefined) return '';
  if (insert instanceof Markup) return insert.text;
  if (typeof insert === 'string' || typeof insert === 'number') return escape(String(insert));
  return insert.map(render).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
