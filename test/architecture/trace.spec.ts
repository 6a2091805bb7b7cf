import { describe, expect, it } from '@jest/globals';
import { familiesOf, idsIn, putOff, traceOf, type Family } from '../../scripts/project/trace-ids.js';
import { readPage } from '../docs/support/pages.ts';

const family = (lists: Partial<Family>): Family => ({
  ...{ family: 'core', required: [], later: [], urgent: [], parts: new Map() },
  ...lists,
});
const test = (title: string, status = 'passed') => ({ file: 'a.spec.ts', title, status });

describe('the trace of guarantees', () => {
  it('reads single ids and ranges', () => {
    const json = '{"core":{"required":["A9-A11","C1"],"later":{"the moon":["B2"]},"urgent":["A9-A10"]}}';
    expect(familiesOf(json)).toEqual([
      family({
        required: ['A9', 'A10', 'A11', 'C1'],
        later: ['B2'],
        urgent: ['A9', 'A10'],
        parts: new Map([['B2', 'the moon']]),
      }),
    ]);
    expect(() => familiesOf('{"core":{"required":["nine"],"later":{}}}')).toThrow('"nine" is neither');
  });

  it('finds every id that a title carries, in one bracket or several', () => {
    expect(idsIn('loses nothing [core:A1] twice [nest:H2, core:B10] [not an id] [core:]')).toEqual([
      'core:A1',
      'nest:H2',
      'core:B10',
    ]);
  });

  it('counts an id as shown only when it has tests and each of them passed', () => {
    const wanted = family({ required: ['A1', 'A2', 'A3', 'A4'], later: ['B1'] });
    const tests = [
      ...[test('x [core:A1]'), test('y [core:A1 core:A2]'), test('z [core:A2]', 'failed')],
      ...[test('skipped [core:A3]', 'pending'), test('of another family [nest:A4]')],
    ];
    expect(traceOf(wanted, tests).open).toEqual(['A2', 'A3', 'A4']);
  });

  it('lets an urgent id wait only for a part that is still to be built', () => {
    const parts = new Map([
      ['A2', 'the dashboard'],
      ['A3', 'one day'],
      ['A5', 'one day'],
    ]);
    const faults = putOff(
      family({ required: ['A1'], later: [...parts.keys()], urgent: ['A1', 'A2', 'A3', 'A4'], parts }),
    );
    expect(faults).toEqual([
      'core:A3 is urgent and cannot be for later: "one day" is no part that is still to be built',
      'core:A4 is urgent, and neither required nor for later',
    ]);
    expect(familiesOf(readPage('test/trace.json')).flatMap(putOff)).toEqual([]);
  });
});
