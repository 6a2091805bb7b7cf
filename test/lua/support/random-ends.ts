/** Codes of ends behind their tokens. */
export const ENDS = [
  '1',
  'c1\t\t\tok',
  'r1\t5\t\tno',
  'u1\t5\t\t',
  'z1\t5\t\t',
  'f1\t\t\tno',
  'f1,E_ONE\t\tgreet\tno',
  'r1,E_TWO\t5\tgreet\tno',
  't1\t\t\tno',
  'b1\t\t\tno',
  'x1\t\t\t',
  'g0\t0\t\t',
  'n0\t0\tgreet\t',
  'a0\t0\tgreet\t50,200,3,k',
  'a0\t0\tgreet\t10,200,2,',
];
