/** What a test wants to be different about a job. */
export interface JobSketch {
  readonly name?: string;
  readonly payload?: string;
  /** The fields of the envelope, as `p5,x1000`; the flags are their letters. */
  readonly fields?: string;
  readonly options?: string;
  /** What is added when the job fails for good; it adds a field `f`, behind the others. */
  readonly onFailure?: { readonly id: string; readonly body: string };
}

/** The part of an envelope that a client writes. */
export function body(sketch: JobSketch = {}): string {
  const { name = 'greet', payload = '{}', options = '', onFailure } = sketch;
  const stored = onFailure === undefined ? '' : `${onFailure.id}\n${onFailure.body}`;
  const own = sketch.fields ?? '';
  const fields = stored === '' ? own : `${own}${own === '' ? '' : ','}f${Buffer.byteLength(stored)}`;
  const flags = fields
    .split(',')
    .map((field) => field.slice(0, 1))
    .join('');
  return `${flags}\t${name}\t${fields}\t${options}\n${stored}${payload}`;
}

/** An envelope as the core stores it. */
export function envelope(createdAt: number, sketch: JobSketch = {}): string {
  return `1${createdAt}${body(sketch)}`;
}

/** An outcome as the core stores it. */
export function outcome(letter: string, at: number, attempt: number, durationMs: number, text = ''): string {
  return `${letter}${at},${attempt},${durationMs}\n${text}`;
}
