/** A family of metrics as it was read. */
export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  /** By name and labels, as `_bucket{le="1"}`; labels in the order in which they stand, their values unescaped. */
  readonly samples: Map<string, number>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\[\\\\n"])*)"';
const HEAD = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\+Inf|-Inf|NaN|-?[0-9.]+(?:e[+-]?[0-9]+)?)$`,
);
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/** Reads the text format of Prometheus, 0.0.4, and refuses what its grammar does not say or what a scraper would drop. */
export function readMetrics(text: string): Map<string, ReadFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, ReadFamily>();
  let help: readonly [name: string, text: string] | undefined;
  let name = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, of = '', said = ''] = HEAD.exec(line) ?? [];
    if (kind === 'HELP') {
      if (families.has(of)) throw new Error(`${of} stands in two places`);
      help = [of, said];
    } else if (kind === 'TYPE') {
      if (help?.[0] !== of || SUFFIXES[said] === undefined) throw new Error(`out of place: ${line}`);
      if (said === 'counter' && !of.endsWith('_total')) throw new Error(`a counter without _total: ${of}`);
      families.set(of, { type: said, help: help[1], samples: new Map() });
      name = of;
    } else addSample(line, name, families.get(name));
  }
  for (const [of, { type, samples }] of families) {
    if (samples.size === 0) throw new Error(`${of} has no samples`);
    if (type === 'histogram') checkHistogram(of, samples);
  }
  return families;
}

function addSample(line: string, family: string, into: ReadFamily | undefined): void {
  const match = SAMPLE.exec(line);
  const value = match?.at(-1);
  const suffix = match?.[1]?.startsWith(family) ? match[1].slice(family.length) : undefined;
  if (match === null || value === undefined || into === undefined || suffix === undefined)
    throw new Error(`no sample of ${family}: ${line}`);
  if (SUFFIXES[into.type]?.includes(suffix) !== true) throw new Error(`no sample of a ${into.type}: ${line}`);
  const labels = [...(match[2] ?? '').matchAll(new RegExp(LABEL, 'g'))].map(([, label = '', text = '']) => {
    const unescaped = text.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
    return `${label}=${unescaped}`;
  });
  if (new Set(labels.map((label) => label.split('=')[0])).size < labels.length) throw new Error(`twice: ${line}`);
  const key = `${suffix}{${labels.join(',')}}`;
  if (into.samples.has(key)) throw new Error(`a second ${line}`);
  into.samples.set(key, value === '+Inf' ? Infinity : value === '-Inf' ? -Infinity : Number(value));
}

/** Buckets rise, in the order of their bounds, up to the count. */
function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const buckets = new Map<string, { bound: number; count: number }[]>();
  for (const [key, count] of samples) {
    const [, labels = '', le = ''] = /^_bucket\{(?:(.*),)?le=(.+)\}$/.exec(key) ?? [];
    if (le === '') continue;
    const bound = le === '+Inf' ? Infinity : Number(le);
    const before = buckets.get(labels)?.at(-1);
    if (Number.isNaN(bound) || (before !== undefined && (before.bound >= bound || before.count > count)))
      throw new Error(`${name}${key} does not rise`);
    buckets.set(labels, [...(buckets.get(labels) ?? []), { bound, count }]);
  }
  for (const [labels, all] of buckets) {
    if (all.at(-1)?.bound !== Infinity) throw new Error(`${name}{${labels}} has no bucket for all`);
    if (all.at(-1)?.count !== samples.get(`_count{${labels}}`)) throw new Error(`${name}{${labels}}: bucket and count`);
    if (samples.get(`_sum{${labels}}`) === undefined) throw new Error(`${name}{${labels}} has no sum`);
  }
}
