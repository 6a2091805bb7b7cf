import { describe, expect, it } from '@jest/globals';
import { familiesOf, idsIn, traceOf } from '../../scripts/project/trace-ids.js';

const test = (title: string, status = 'passed') => ({ file: 'a.spec.ts', title, status });

describe('the trace of guarantees', () => {
  it('reads single ids and ranges', () => {
    expect(familiesOf('{"core":{"required":["A9-A11","C1"],"later":["B2"]}}')).toEqual([
      { family: 'core', required: ['A9', 'A10', 'A11', 'C1'], later: ['B2'] },
    ]);
    expect(() => familiesOf('{"core":{"required":["nine"],"later":[]}}')).toThrow('"nine" is neither');
  });

  it('finds every id that a title carries, in one bracket or several', () => {
    expect(idsIn('loses nothing [core:A1] twice [nest:H2, core:B10] [not an id] [core:]')).toEqual([
      'core:A1',
      'nest:H2',
      'core:B10',
    ]);
  });

  it('counts an id as shown only when it has tests and each of them passed', () => {
    const family = { family: 'core', required: ['A1', 'A2', 'A3', 'A4'], later: ['B1'] };
    const tests = [
      ...[test('x [core:A1]'), test('y [core:A1 core:A2]'), test('z [core:A2]', 'failed')],
      ...[test('skipped [core:A3]', 'pending'), test('of another family [nest:A4]')],
    ];
    expect(traceOf(family, tests).open).toEqual(['A2', 'A3', 'A4']);
  });
});
