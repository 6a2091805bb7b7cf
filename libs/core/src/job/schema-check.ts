import type { SchemaIssue, StandardSchema } from '../types/standard-schema.js';

/** A value as its schema gives it back, or what the schema finds wrong with it. */
export type Checked =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly path: string; readonly problem: string };

/** Faults that are told; a schema may find thousands. */
const MAX_TOLD = 5;

/**
 * Asks a Standard Schema about a value. A schema that throws counts as one that refuses.
 *
 * @param root the first word of paths: `data`
 */
export async function checkBySchema(schema: StandardSchema, value: unknown, root: string): Promise<Checked> {
  try {
    const result = await schema['~standard'].validate(value);
    if (result.issues === undefined) return { ok: true, value: result.value };
    const told = result.issues.slice(0, MAX_TOLD).map((issue) => `${pathOf(issue, root)}: ${issue.message}`);
    const more = result.issues.length - told.length;
    const problem = told.join('; ') + (more > 0 ? `; and ${more} more` : '');
    return { ok: false, path: result.issues[0] === undefined ? root : pathOf(result.issues[0], root), problem };
  } catch (error) {
    return { ok: false, path: root, problem: `${root}: its schema threw ${String(error)}` };
  }
}

function pathOf({ path = [] }: SchemaIssue, root: string): string {
  const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
  return keys.reduce<string>((text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`), root);
}
