import { body } from './records.js';

/** The key of a row that says no other. */
export const KEY = '77';

/** A row with a key: until its end `u`, its start `v`, or '' for `ms` alone. */
export function row(id: string, policy = 'k', { until = 'u', ms = '', how = '', key = KEY } = {}): [string, string] {
  const fields = [
    ...(how.includes('p5') ? ['p5'] : []),
    ...(until === '' ? [] : [`${until}${key}${ms === '' ? '' : ':'}`]),
  ].join(',');
  const line = ['u', key, until, ms, ...policy.split('+')].join('\t');
  return [`${id}\t${how}\n${line}`, body({ fields })];
}
