/** What a test wants to be different about a job. */
export interface JobSketch {
  readonly name?: string;
  readonly payload?: string;
  /** The fields of the envelope, as `p5,x1000`; the flags are their letters. */
  readonly fields?: string;
  readonly options?: string;
}

/** The part of an envelope that a client writes. */
export function body({ name = 'greet', payload = '{}', fields = '', options = '' }: JobSketch = {}): string {
  const flags = fields
    .split(',')
    .map((field) => field.slice(0, 1))
    .join('');
  return `${flags}\t${name}\t${fields}\t${options}\n${payload}`;
}

/** An envelope as the core stores it. */
export function envelope(createdAt: number, sketch: JobSketch = {}): string {
  return `1${createdAt}${body(sketch)}`;
}

/** An outcome as the core stores it. */
export function outcome(letter: string, at: number, attempt: number, durationMs: number, text = ''): string {
  return `${letter}${at},${attempt},${durationMs}\n${text}`;
}
