import { BadRequestException, type PipeTransform } from '@nestjs/common';
import type { SchemaIssue, StandardSchema } from '@millrace/core';

/**
 * Checks a payload against a Standard Schema and passes on the schema's output.
 *
 * Nest 12 has a pipe of this kind, Nest 11 has none; with one of our own a handler behaves alike on both.
 */
export class SchemaPipe implements PipeTransform {
  readonly #schema: StandardSchema;

  constructor(schema: StandardSchema) {
    this.#schema = schema;
  }

  /** @throws BadRequestException when the value does not fit: for a payload that means `broken` */
  async transform(value: unknown): Promise<unknown> {
    const result = await this.#schema['~standard'].validate(value);
    if (result.issues !== undefined) throw new BadRequestException(result.issues.map(describe));
    return result.value;
  }
}

function describe({ message, path }: SchemaIssue): string {
  if (path === undefined || path.length === 0) return message;
  const place = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.');
  return `${place}: ${message}`;
}
