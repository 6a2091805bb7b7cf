import { describe, expect, it } from '@jest/globals';

import { recogniseLicence, statedLicence } from './licence.js';

describe('a licence text', () => {
  const MIT = `Copyright (c) 2020 Somebody

    Permission is hereby granted, free of charge, to any person obtaining a copy of this software … without restriction …
    The above copyright notice and this   permission notice
    shall be included in all copies or substantial portions of the Software.`;
  const GPL_3 = `GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007\n${'terms '.repeat(200)}
    13. Use with the GNU Affero General Public License. … version 3 …`;
  const ISC = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is
    hereby granted, provided that the above copyright notice and this permission notice appear in all copies.`;

  it.each([
    ['MIT', MIT],
    ['MIT-0', MIT.slice(0, MIT.indexOf('The above'))],
    ['ISC', ISC],
    ['0BSD', ISC.replace(/, provided.*/s, '.')],
    ['GPL-3.0', GPL_3],
    ['Apache-2.0', '   Apache License\n      Version 2.0, January 2004'],
    ['BSD-2-Clause', 'Redistribution and use in source and binary forms, with or without modification'],
    ['BSD-3-Clause', 'Redistribution and use in source and binary forms … Neither the name of the holder nor'],
  ])('is recognised as %s by its words, whatever its line breaks', (licence, text) => {
    expect(recogniseLicence(text)).toBe(licence);
  });

  it('is left alone when its words are nobody’s', () => {
    expect(recogniseLicence('All rights reserved.')).toBeUndefined();
  });
});

describe('a manifest', () => {
  it.each([
    [{ license: 'MIT' }, 'MIT'],
    [{ license: ' (MIT OR CC0-1.0) ' }, '(MIT OR CC0-1.0)'],
    [{ license: 'UNLICENSED' }, 'UNLICENSED'],
    [{ license: { type: 'BSD', url: 'http://example.com' } }, 'BSD'],
    [{ licenses: [{ type: 'MIT' }, { type: 'Apache-2.0' }] }, 'MIT OR Apache-2.0'],
    [{ licenses: { type: 'MIT' } }, 'MIT'],
  ])('states its licence in any of the forms of its time: %j', (manifest, licence) => {
    expect(statedLicence(manifest)).toBe(licence);
  });

  it.each([
    [{}],
    [{ license: '' }],
    [{ license: 42 }],
    [{ license: null }],
    [{ licenses: [] }],
    [{ license: 'SEE LICENSE IN LICENSE.md' }],
  ])('states none: %j', (manifest) => {
    expect(statedLicence(manifest)).toBeUndefined();
  });
});
