import { InvalidOptionError, type Where } from '../../errors/index.js';
import { validateName } from '../../job/names.js';
import type { StandardSchema } from '../../types/standard-schema.js';
import { checkSchema, given, nameOf, wholeNumber } from '../check/checks.js';
import { fieldTable, readFields, requireField } from '../check/fields.js';
import { FOREIGN_QUEUE_OPTIONS } from '../check/foreign-names.js';
import { resolveJobDefaults, type JobDefaults, type ResolvedJobDefaults } from '../job/job-defaults.js';
import { loggerOption, type Logger } from '../logger.js';
import { functionList, type AddMiddleware } from '../middleware.js';

/** The options of a `Queue`. `C` is the connection's type, which the options only pass on. */
export interface QueueOptions<C extends object = object> {
  readonly connection: C;
  /** For jobs of this queue that do not say otherwise. */
  readonly defaults?: JobDefaults | undefined;
  /** Queues of one slot share a node of a Cluster. Part of the queue's identity: declare it the same everywhere. */
  readonly slot?: string | undefined;
  /**
   * What is agreed of jobs by their names, `jobs` of `defineQueue()`: where there is a schema, `add()` refuses data that does
   * not fit it. @default nothing is checked
   */
  readonly jobs?: Readonly<Record<string, { readonly schema?: StandardSchema | undefined }>> | undefined;
  /** Around each adding of a job, the first outermost. */
  readonly middleware?: readonly AddMiddleware[] | undefined;
  /** The largest payload, as JSON text; results have 1 MiB. @default 1048576 (1 MiB) */
  readonly maxPayloadBytes?: number | undefined;
  /** @default the connection's */
  readonly logger?: Logger | undefined;
}

/** {@link QueueOptions} as checked. */
export interface ResolvedQueueOptions<C extends object = object> {
  readonly connection: C;
  readonly defaults: ResolvedJobDefaults;
  readonly slot?: string;
  /** By job name; those that have one. */
  readonly jobs?: ReadonlyMap<string, StandardSchema>;
  readonly middleware: readonly AddMiddleware[];
  readonly maxPayloadBytes: number;
  readonly logger?: Logger;
}

/** What an option of a queue is when it is left out. */
export const QUEUE_DEFAULTS = Object.freeze({
  maxPayloadBytes: 1_048_576,
  middleware: Object.freeze([]) as readonly AddMiddleware[],
  defaults: resolveJobDefaults(undefined, ''),
});

/** Redis takes values up to 512 MiB; an envelope needs a little beside its payload. */
const MAX_PAYLOAD_BYTES = 500 * 1_048_576;

const CONNECTION = 'a connection: await connect(url)';

const TABLE = fieldTable<ResolvedQueueOptions>(
  {
    connection: given(CONNECTION),
    defaults: (value, path, where) => resolveJobDefaults(value as JobDefaults, where, path),
    slot: nameOf('slot'),
    jobs: checkSchemas,
    middleware: functionList<AddMiddleware>(),
    maxPayloadBytes: wholeNumber(1, MAX_PAYLOAD_BYTES),
    logger: loggerOption,
  },
  FOREIGN_QUEUE_OPTIONS,
);

/**
 * Checks the options of a queue.
 *
 * @throws InvalidOptionError, UnknownOptionError, InvalidNameError
 */
export function resolveQueueOptions<C extends object>(input: QueueOptions<C>, where: Where): ResolvedQueueOptions<C> {
  const said = readFields(input, TABLE, where);
  requireField(said.connection, 'connection', CONNECTION, where);
  return Object.freeze({ ...QUEUE_DEFAULTS, ...said }) as ResolvedQueueOptions<C>;
}

function checkSchemas(value: unknown, path: string, where: Where): ReadonlyMap<string, StandardSchema> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidOptionError({
      where,
      path,
      value,
      expected: "what is agreed of jobs by name: defineQueue('…', { … }).jobs",
    });
  const schemas = new Map<string, StandardSchema>();
  for (const [name, agreed] of Object.entries(value as Record<string, unknown>)) {
    const schema = (Object(agreed) as { schema?: unknown }).schema;
    if (schema !== undefined)
      schemas.set(validateName('job', name), checkSchema(schema, `${path}.${name}.schema`, where));
  }
  return schemas;
}
