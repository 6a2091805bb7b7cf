import type { Keyspace } from './keyspace.js';

/** What must be true of each epoch and of what it holds. */
export function checkHeld(keys: Keyspace): string[] {
  const leases = keys.sorted('L');
  const faults = keys.namesUnder('h').flatMap((epoch) => checkEpoch(keys, epoch));
  const epochs = new Set(keys.namesUnder('h'));
  for (const epoch of Object.keys(leases))
    if (!epochs.has(epoch)) faults.push(`the lease of ${epoch} belongs to nothing`);
  for (const epoch of epochs) if (leases[epoch] === undefined) faults.push(`${epoch} has no lease`);
  for (const epoch of Object.keys(keys.hash('ws')))
    if (!epochs.has(epoch)) faults.push(`ws has ${epoch}, which is gone`);
  for (const epoch of Object.keys(keys.hash('wk')))
    if (!epochs.has(epoch)) faults.push(`wk has ${epoch}, which is gone`);
  for (const epoch of keys.members('i')) if (!epochs.has(epoch)) faults.push(`${epoch} is parked and gone`);
  return faults;
}

const INNER: Record<string, RegExp> = {
  '\topen': /^\d+,\d+,\d{13}$/,
  '\ttaken': /^\d+\n(\d+\t[^\t\n]+\t\w+\.\d+\t(cancelled|replaced|expired)\n)*$/,
  '\tpause': /^\d+$/,
  '\tgrace': /^1$/,
  '\tslots': /^\d+$/,
  '\tlate': /^\d{13}$/,
  '\ttable': /^-{65}$/,
  '\tleased': /^\d{13}$/,
};

function checkEpoch(keys: Keyspace, epoch: string): string[] {
  const held = keys.hash(`h:${epoch}`);
  const slots = Object.keys(held).filter((field) => field.startsWith('\t') && INNER[field] === undefined).length;
  if (slots !== Number(held['\tslots'] ?? 0)) return [`${epoch} has ${slots} slots and counts ${held['\tslots']}`];
  return Object.entries(held).flatMap(([field, value]) => {
    if (!field.startsWith('\t')) return checkHold(keys, held, field, value);
    const form = INNER[field] ?? /^\d+,(\d+[STDE]?(,\d+[STDE]?)*)?$/;
    return form.test(value) ? [] : [`${epoch} has ${JSON.stringify(field)} = ${JSON.stringify(value)}`];
  });
}

function checkHold(keys: Keyspace, held: Record<string, string>, id: string, value: string): string[] {
  const [, slot = '', seq = '', facts = ''] =
    /^(\w+)\.(\d+)\.\d{13}([\d:,pkxsuvfal-]*[HSNXTRYGDPM]*)$/.exec(value) ?? [];
  if (slot === '') return [`${id} is held as ${JSON.stringify(value)}`];
  const faults: string[] = [];
  const last = Number(held[`\t${slot}`]?.split(',')[0] ?? 0);
  if (Number(seq) > last) faults.push(`${id} is held by call ${slot}.${seq}, which was never settled`);
  const header = keys.hash('m')[id];
  if ((header !== undefined) !== facts.includes('H')) faults.push(`${id} is held as ${value}, its header is ${header}`);
  const flags = header?.split(',')[4] ?? '';
  for (const letter of 'NTP')
    if (flags.includes(letter) && !facts.includes(letter))
      faults.push(`${id} has ${letter}, which its hold does not know`);
  return faults;
}
