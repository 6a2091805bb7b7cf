import type { AuditReport } from '../audit/report.js';
import { count, plural, size } from './figures.js';
import { type Html, html } from './html.js';
import { type Page, page } from './page.js';
import { FILTER_SCRIPT } from './filter-script.js';
import {
  copies,
  duplicates,
  largest,
  licences,
  packages,
  unread,
  withoutLicence,
  workspaces,
} from './report-sections.js';

/** The report as a page that can be read in a minute: what needs a look comes first, the full list last. */
export function reportPage(report: AuditReport, finishedAt: Date): Page {
  return page({
    title: `Audit of ${report.folder}`,
    main: html`
      <h1>Dependency audit</h1>
      <p class="muted"><span class="mono path">${report.folder}</span> · ${when(finishedAt)}</p>
      ${tiles(report)} ${unread(report)} ${withoutLicence(report)} ${copies(report)} ${licences(report)}
      ${largest(report)} ${duplicates(report)} ${workspaces(report)} ${packages(report)}
    `,
    script: FILTER_SCRIPT,
  });
}

function tiles({ totals, duplicates, withoutLicence, unread }: AuditReport): Html {
  return html`<section class="tiles">
    ${tile(count(totals.packages), `packages of ${plural(totals.names, 'name')}`)}
    ${tile(size(totals.bytes), `in ${plural(totals.files, 'file')}`)}
    ${tile(count(duplicates.length), 'in several versions', duplicates.length > 0 ? '' : 'good')}
    ${tile(count(withoutLicence.length), 'without a licence', withoutLicence.length > 0 ? 'warn' : 'good')}
    ${unread.length > 0 && tile(count(unread.length), 'could not be read', 'warn')}
  </section>`;
}

function tile(figure: string, caption: string, tone: '' | 'warn' | 'good' = ''): Html {
  return html`<div class="tile ${tone}"><b>${figure}</b><span class="muted">${caption}</span></div>`;
}

function when(date: Date): Html {
  const iso = date.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}
