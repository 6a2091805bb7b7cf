import { expect, it } from '@jest/globals';

import { html, trusted } from './html.js';

it('escapes every value, in text and in attributes', () => {
  const name = `<script>alert("a" + 'b') & </script>`;
  expect(html`<td title="${name}">${name}</td>`.toString()).toBe(
    '<td title="&lt;script&gt;alert(&quot;a&quot; + &#39;b&#39;) &amp; &lt;/script&gt;">' +
      '&lt;script&gt;alert(&quot;a&quot; + &#39;b&#39;) &amp; &lt;/script&gt;</td>',
  );
});

it('keeps markup that was made the same way, alone and in lists', () => {
  const names = ['<a>', '<b>'].map((name) => html`<i>${name}</i>`);
  expect(html`<p>${names}</p>`.toString()).toBe('<p><i>&lt;a&gt;</i><i>&lt;b&gt;</i></p>');
});

it('leaves nothing for null and false, and writes zero', () => {
  expect(html`[${null}${false}${0}]`.toString()).toBe('[0]');
});

it('escapes lists of text as well', () => {
  expect(html`${['<', '>']}`.toString()).toBe('&lt;&gt;');
});

it('puts in unchanged only what is called trusted', () => {
  expect(html`<p>${trusted('a > b')}</p>`.toString()).toBe('<p>a > b</p>');
});
