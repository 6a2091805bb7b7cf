import type { AuditReport, DuplicateLine, PackageLine } from '../audit/report.js';
import { count, plural, size } from './figures.js';
import { type Html, html, type HtmlValue } from './html.js';
import { bar, card, table } from './report-parts.js';

const LARGEST = 10;

export function unread({ unread }: AuditReport): HtmlValue {
  return (
    unread.length > 0 &&
    card('Could not be read', 'These are not in the figures below.', [
      table(
        ['Where', 'Why'],
        unread.map(
          ({ location, reason }) =>
            html`<td class="mono path">${location}</td>
              <td>${reason}</td>`,
        ),
      ),
    ])
  );
}

export function withoutLicence({ withoutLicence }: AuditReport): HtmlValue {
  return (
    withoutLicence.length > 0 &&
    card('Without a licence', 'Neither the manifest nor a licence text says under which terms these may be used.', [
      table(
        ['Package', 'Version', 'Licence file', 'Where'],
        withoutLicence.map(
          (line) =>
            html`<td class="name">${line.name}</td>
              <td>${line.version}</td>
              <td>${line.licenceFile ?? html`<span class="muted">none</span>`}</td>
              <td class="mono path">${line.location}</td>`,
        ),
      ),
    ])
  );
}

export function licences({ licences, totals }: AuditReport): Html {
  return card('Licences', `${licences.length} different`, [
    table(
      ['Licence', { number: 'Packages' }, { share: '' }, { number: 'Size' }],
      licences.map(
        (line) =>
          html`<td class="name">${line.licence ?? html`<span class="tag warn">no licence</span>`}</td>
            <td class="num">${count(line.packages)}</td>
            <td class="share">${bar(line.packages, totals.packages)}</td>
            <td class="num">${size(line.bytes)}</td>`,
      ),
    ),
  ]);
}

export function duplicates({ duplicates }: AuditReport): Html {
  if (duplicates.length === 0) return card('Several versions', 'No package is installed in more than one version.', []);
  return card('Several versions', `${plural(duplicates.length, 'package')} installed in more than one version`, [
    table(
      ['Package', 'Versions'],
      duplicates.map(
        ({ name, versions }) =>
          html`<td class="name">${name}</td>
            <td>${versions.map(versionTag)}</td>`,
      ),
    ),
  ]);
}

function versionTag({ version, locations }: DuplicateLine['versions'][number]): Html {
  const copies = locations.length > 1 && html` <span class="muted">×${locations.length}</span>`;
  return html`<span class="tag" title="${locations.join('\n')}">${version ?? 'no version'}${copies}</span>`;
}

/** Only what is strange about copies: one version of one package should hold the same files wherever it lies. */
export function copies({ copies }: AuditReport): HtmlValue {
  const differing = copies.filter((line) => !line.identical);
  return (
    differing.length > 0 &&
    card('Same version, different files', 'Somebody changed a copy, or its install scripts did.', [
      table(
        ['Package', 'Version', 'Where'],
        differing.map(
          ({ name, version, locations }) =>
            html`<td class="name">${name}</td>
              <td>${version}</td>
              <td>
                <ul class="places mono">
                  ${locations.map((location) => html`<li>${location}</li>`)}
                </ul>
              </td>`,
        ),
      ),
    ])
  );
}

export function largest({ packages, totals }: AuditReport): Html {
  const lines = [...packages].sort((a, b) => b.bytes - a.bytes).slice(0, LARGEST);
  const share = Math.round((100 * lines.reduce((bytes, line) => bytes + line.bytes, 0)) / Math.max(1, totals.bytes));
  return card('Largest', `these ${lines.length} are ${share} % of the size`, [
    table(
      ['Package', { number: 'Files' }, { share: '' }, { number: 'Size' }],
      lines.map(
        (line) =>
          html`<td class="name">${line.name} <span class="muted">${line.version}</span></td>
            <td class="num">${count(line.files)}</td>
            <td class="share">${bar(line.bytes, lines[0]?.bytes ?? 1)}</td>
            <td class="num">${size(line.bytes)}</td>`,
      ),
    ),
  ]);
}

export function workspaces({ workspaces }: AuditReport): HtmlValue {
  return (
    workspaces.length > 0 &&
    card('Linked from source', 'The project’s own packages, not counted as dependencies.', [
      html`<p class="note">${workspaces.map((path) => html`<span class="tag mono">${path}</span>`)}</p>`,
    ])
  );
}

export function packages({ packages }: AuditReport): Html {
  return html`<section class="card">
    <header>
      <h2>All packages</h2>
      <input
        class="filter"
        type="search"
        placeholder="Filter by name or licence"
        aria-label="Filter packages"
        data-filter
        hidden
      />
    </header>
    ${table(['Package', 'Licence', { number: 'Files' }, { number: 'Size' }, 'SHA-512'], packages.map(packageRow))}
  </section>`;
}

function packageRow(line: PackageLine): Html {
  return html`<td class="name" title="${line.location}">
      ${line.name}
      <span class="muted">${line.version}</span>
      ${line.problem !== null && html`<br /><span class="tag warn">${line.problem}</span>`}
    </td>
    <td>
      ${line.licence ?? html`<span class="tag warn">no licence</span>`}
      ${line.licenceSource === 'text' && html`<span class="muted">by its text</span>`}
    </td>
    <td class="num">${count(line.files)}</td>
    <td class="num">${size(line.bytes)}</td>
    <td class="mono muted" title="${line.sha512}">${line.sha512.slice(0, 12)}</td>`;
}
