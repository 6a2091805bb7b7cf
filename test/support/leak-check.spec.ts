import { expect, it } from '@jest/globals';
import { Child } from './child.ts';

it('the leak check names each key, connection, thread, timer and child process that a file left, and none that was there before', async () => {
  const child = await Child.start(new URL('./programs/leaky.ts', import.meta.url));
  const { clean, leaks } = await child.message<{ clean: string[]; leaks: string[] }>({});
  await child.kill();
  expect(clean).toEqual([]);
  const text = leaks.join('\n');
  for (const kind of ['Worker', 'Timeout', 'TCPSocketWrap', 'ProcessWrap']) expect(text).toContain(`1 × ${kind}`);
  expect(text.match(/a connection to Redis is still open/g)).toHaveLength(1);
  expect(text).toContain("a key outside the test's prefix: orders");
  expect(text).not.toContain('test-mine');
});
