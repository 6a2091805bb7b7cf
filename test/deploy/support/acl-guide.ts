import { blocksOf } from '../../docs/support/pages.ts';

/** The rules of the guide's least user, as words of `ACL SETUSER`, and what a Cluster needs beside them. */
export function leastUser(prefix: string, secret: string): { readonly rules: string[]; readonly inCluster: string[] } {
  const blocks = blocksOf('docs/guides/connections.md').map(({ code }) => code);
  const block = blocks.find((code) => code.startsWith('ACL SETUSER')) ?? '';
  const words = block
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(3);
  const rules = words.map((word) => word.replace('>secret', `>${secret}`).replace('millrace:', `${prefix}:`));
  return { rules, inCluster: ['+cluster|slots', '+cluster|info'] };
}
