import type { Peer } from '../peers/index.js';
import type { Draft } from '../scenarios/drafts.js';

const BULK = 1_000;
/** Filling is not measured: two calls at a time are faster than one. */
const IN_FLIGHT = 2;

/** Adds jobs of a kind, numbered, as fast as the peer can. */
export async function fill(
  peer: Peer,
  draft: (n: number) => Draft,
  { from, jobs }: { readonly from: number; readonly jobs: number },
): Promise<void> {
  const end = from + jobs;
  let next = from;
  const filler = async (): Promise<void> => {
    while (next < end) {
      const start = next;
      next = Math.min(end, start + BULK);
      await peer.addMany(Array.from({ length: next - start }, (_, i) => draft(start + i)));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, filler));
}
