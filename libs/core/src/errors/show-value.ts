import { inspect } from 'node:util';

import { maskUrl } from './mask-url.js';
import { secretFields } from './secret-fields.js';

/** A value as it stands in a message: one line, at most `limit` characters, without secrets, and never a throw. */
export function showValue(value: unknown, limit = 80): string {
  return clip(secretFields.hideIn(maskUrl(render(value, limit))), limit);
}

/** Cuts a text to `limit` characters without splitting a surrogate pair, and says that it did. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 2);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, splitsPair ? limit - 2 : limit - 1)}…`;
}

function render(value: unknown, limit: number): string {
  if (typeof value === 'string') return JSON.stringify(value.length > limit ? clip(value, limit) : value);
  try {
    // Custom inspection and getters are the user's code: neither may run while a message is made.
    return inspect(value, {
      depth: 2,
      breakLength: Infinity,
      customInspect: false,
      maxArrayLength: 10,
      maxStringLength: limit,
    });
  } catch {
    return `(${typeof value} that cannot be shown)`;
  }
}
