import type { AuditStatus } from '../audits/audit-status.js';
import { plural } from './figures.js';
import { type Html, html } from './html.js';
import { type Page, page } from './page.js';
import { START_SCRIPT } from './start-script.js';

/** Where an audit is started and watched. `recent` is listed as it is given; `folder` is proposed in the form. */
export function startPage(folder: string, recent: readonly AuditStatus[]): Page {
  return page({
    title: 'Dependency auditor',
    main: html`
      <h1>What is installed here?</h1>
      <p class="muted">
        Reads every package under a folder’s <code>node_modules</code>: licences, sizes, duplicates, contents. Two jobs
        a package, run by Millrace.
      </p>
      <section class="card">
        <header><h2>Start an audit</h2></header>
        <div class="body">
          <form id="start">
            <input id="folder" value="${folder}" aria-label="Folder" spellcheck="false" autocomplete="off" required />
            <button>Start audit</button>
          </form>
          <p class="error" id="error" role="alert" hidden></p>
          <noscript
            ><p class="error">This page needs JavaScript; <code>POST /audits</code> does without.</p></noscript
          >
        </div>
      </section>
      ${progress()} ${recent.length > 0 && history(recent)}
    `,
    script: START_SCRIPT,
  });
}

/** The four kinds of jobs of an audit, in the order in which they run. */
const STEPS = [
  ['scan', 'Scan'],
  ['inspect', 'Inspect'],
  ['digest', 'Digest'],
  ['report', 'Report'],
] as const;

function progress(): Html {
  return html`<section class="card progress" id="progress" hidden>
    <header>
      <h2 id="state"></h2>
      <span class="muted mono path" id="watched"></span>
    </header>
    <div class="body">
      <span class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"
        ><i id="all"></i
      ></span>
      <div class="steps">
        ${STEPS.map(
          ([id, name]) =>
            html`<div class="step" id="${id}">
              <b>${name} <span></span></b><span class="bar"><i></i></span>
            </div>`,
        )}
      </div>
      <div class="end" id="end" hidden>
        <a class="button" id="open">Open the report</a> <span class="muted" id="summary"></span>
      </div>
      <p class="error" id="failure" role="alert" hidden></p>
    </div>
  </section>`;
}

function history(audits: readonly AuditStatus[]): Html {
  return html`<section class="card">
    <header><h2>Recent audits</h2></header>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Folder</th>
            <th>Started</th>
            <th class="num">Packages</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
          ${audits.map(
            (audit) =>
              html`<tr>
                <td class="mono path">${audit.folder}</td>
                <td class="muted">${audit.startedAt.slice(0, 16).replace('T', ' ')} UTC</td>
                <td class="num">${audit.packages ?? '–'}</td>
                <td class="num">${outcome(audit)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function outcome({ id, state, unread }: AuditStatus): Html {
  if (state === 'failed') return html`<a class="tag warn" href="#${id}">failed</a>`;
  if (state !== 'finished') return html`<a href="#${id}">watch</a>`;
  return html`${unread > 0 && html`<span class="tag warn">${plural(unread, 'package')} unread</span>`}
    <a href="/audits/${id}/report">report</a>`;
}
