import type { Keyspace } from './keyspace.js';

const RECORD = /^1\d+,(\d+),(\d+)\t\w+\t([^\t\n]*)\n/;

/** What must be true of schedules: each index agrees with the records, and no history is of nothing. */
export function checkSchedules(keys: Keyspace): string[] {
  const records = keys.hash('sc');
  const faults: string[] = [];
  const ids = Object.keys(records).sort();
  const indexed = Object.keys(keys.sorted('si')).sort();
  if (ids.join('\n') !== indexed.join('\n')) faults.push(`si has ${indexed.join(' ')}, sc ${ids.join(' ')}`);
  for (const [id, text] of Object.entries(records)) {
    const [, count, last, job] = RECORD.exec(text) ?? [];
    if (job === undefined) faults.push(`the record of schedule ${id} is ${JSON.stringify(text)}`);
    if ((count === '0') !== (job === '')) faults.push(`schedule ${id} has added ${count} jobs, the last is "${job}"`);
    if (job !== '' && job !== `${id}@${last}`)
      faults.push(`the last job of schedule ${id} is ${job}, its time ${last}`);
  }
  for (const set of ['sn', 'sp']) {
    for (const [id, at] of Object.entries(keys.sorted(set))) {
      if (records[id] === undefined) faults.push(`${set} has ${id}, which is no schedule`);
      if (!(at > 0)) faults.push(`schedule ${id} fires at ${at}`);
      if (set === 'sp' && keys.sorted('sn')[id] !== undefined) faults.push(`schedule ${id} runs and is paused`);
    }
  }
  for (const id of keys.namesUnder('sh')) {
    if (records[id] === undefined) faults.push(`a history of ${id}, which is no schedule`);
    const lines = keys.members(`sh:${id}`);
    if (lines.length > 100 || !lines.every((line) => /^[fmoku]\t\d+\t\d{13}$/.test(line)))
      faults.push(`the history of ${id} is ${lines.join(' ')}`);
  }
  return faults;
}
