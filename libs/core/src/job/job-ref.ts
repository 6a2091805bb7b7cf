/** A job by its id, or a job of any queue: what `add()` returned, or its queue and id. */
export type JobRef = string | { readonly queue: string; readonly id: string };

/** As checked. Without a queue it is in that of whoever says it. */
export interface ResolvedJobRef {
  readonly queue?: string;
  readonly id: string;
}

/** What becomes of a job when one that it depends on does not complete. */
export type OnDependencyFailure = 'fail' | 'block' | 'cancel' | 'run';

const LETTERS = Object.freeze({ fail: 'f', block: 'b', cancel: 'c', run: 'r' });

/** How the core takes a policy. */
export function policyLetter(policy: OnDependencyFailure): string {
  return LETTERS[policy];
}

/** How the core takes a job: by its id, or as `{queue}id` where it is in another queue. */
export function encodeRef({ queue, id }: ResolvedJobRef, own: string): string {
  return queue === undefined || queue === own ? id : `{${queue}}${id}`;
}

export function decodeRef(text: string, own: string): { readonly queue: string; readonly id: string } {
  const [, queue = own, id = text] = /^\{([^}]*)\}(.*)$/s.exec(text) ?? [];
  return { queue, id };
}

/** For people: the id, or queue/id of another queue. */
export function describeRef(text: string, own: string): string {
  const { queue, id } = decodeRef(text, own);
  return queue === own ? id : `${queue}/${id}`;
}

/** The values of the line of a job that says what it depends on. */
export function encodeDependencies(
  refs: readonly ResolvedJobRef[],
  policy: OnDependencyFailure,
  isMissingDone: boolean,
  own: string,
): readonly string[] {
  return [LETTERS[policy] + (isMissingDone ? 'd' : ''), ...new Set(refs.map((ref) => encodeRef(ref, own)))];
}
