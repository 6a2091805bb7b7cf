import { createHash } from 'node:crypto';

import { type Html, html, trusted } from './html.js';
import { STYLE } from './style.js';

/** A page as it is sent. */
export interface Page {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PageContent {
  readonly title: string;
  readonly main: Html;
  /** JavaScript that runs at the end of the page; none by default. */
  readonly script?: string;
}

/**
 * Puts content into the frame that all pages share. Style and script stand in the page itself, so a saved report
 * needs nothing else; the policy lets run exactly this script, and nothing that found its way in through a name.
 */
export function page({ title, main, script = '' }: PageContent): Page {
  const body = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${trusted(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <header class="top">
          <div class="wrap">
            <a class="brand" href="/">Dependency auditor</a>
            <span class="muted">a Millrace demo</span>
          </div>
        </header>
        <main class="wrap">${main}</main>
        ${script !== '' && trusted(`<script>${script}</script>`)}
      </body>
    </html>`;
  return { body: body.toString(), headers: { 'Content-Type': 'text/html; charset=utf-8', ...policy(script) } };
}

function policy(script: string): Record<string, string> {
  const hash = createHash('sha256').update(script).digest('base64');
  const rules = ["default-src 'none'", "style-src 'unsafe-inline'", `script-src 'sha256-${hash}'`];
  return {
    'Content-Security-Policy': [...rules, "connect-src 'self'", 'img-src data:', "form-action 'none'"].join('; '),
    'X-Content-Type-Options': 'nosniff',
  };
}
