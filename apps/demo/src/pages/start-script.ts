/**
 * Runs in the start page: posts the form, then follows the audit by server-sent events. The audit that is watched stands
 * in the address (`/#<id>`), so a reload goes on watching it.
 */
export const START_SCRIPT = `
const $ = (id) => document.getElementById(id);
let events;

$('start').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = event.target.querySelector('button');
  button.disabled = true;
  $('error').hidden = true;
  try {
    const response = await fetch('/audits', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ folder: $('folder').value }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error([answer.message].flat().join(' '));
    location.hash = answer.id;
  } catch (error) {
    show($('error'), error.message);
  } finally {
    button.disabled = false;
  }
});

addEventListener('hashchange', watch);
watch();

function watch() {
  events?.close();
  const id = location.hash.slice(1);
  $('progress').hidden = id === '';
  if (id === '') return;
  events = new EventSource('/audits/' + encodeURIComponent(id) + '/events');
  events.onmessage = ({ data }) => draw(JSON.parse(data));
  events.onerror = () => {
    if (events.readyState !== EventSource.CLOSED) return;
    $('progress').hidden = true;
    show($('error'), 'There is no audit ' + id + '.');
  };
}

const STATES = {
  scanning: 'Looking for packages', auditing: 'Reading packages', reporting: 'Writing the report',
  finished: 'Finished', failed: 'The audit failed',
};

function draw(audit) {
  const ended = audit.state === 'finished' || audit.state === 'failed';
  const found = audit.packages ?? 0;
  const read = Math.min(found, audit.digested + audit.unread);
  if (ended) events.close();
  $('state').textContent = STATES[audit.state];
  $('watched').textContent = audit.folder;
  step('scan', audit.packages === null ? 0 : 1, 1);
  step('inspect', audit.inspected, found);
  step('digest', read, found);
  step('report', audit.state === 'finished' ? 1 : 0, 1);
  fill($('all'), audit.jobsDone / Math.max(1, audit.jobsTotal));
  $('all').parentNode.setAttribute('aria-valuenow', Math.round((100 * audit.jobsDone) / Math.max(1, audit.jobsTotal)));
  $('end').hidden = audit.state !== 'finished';
  $('open').href = '/audits/' + audit.id + '/report';
  $('summary').textContent = found + ' packages in ' + seconds(audit) + ' s';
  $('failure').hidden = true;
  if (audit.failure !== null) show($('failure'), audit.failure);
}

function step(id, done, total) {
  const [caption, bar] = [$(id).querySelector('span'), $(id).querySelector('i')];
  caption.textContent = total > 1 ? done + ' / ' + total : done === 1 ? 'done' : '';
  fill(bar, total === 0 ? 0 : done / total);
}

function fill(bar, part) { bar.style.width = (100 * part).toFixed(1) + '%'; }
function seconds(audit) { return ((Date.parse(audit.finishedAt) - Date.parse(audit.startedAt)) / 1000).toFixed(1); }
function show(element, text) { element.textContent = text; element.hidden = false; }
`;
