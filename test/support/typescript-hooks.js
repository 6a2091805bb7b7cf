import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import swcOptions from './swc-options.js';

/** Module hook: './x.js' is './x.ts' where only that exists. */
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (await exists(source)) return next(source.href, context);
  }
  return next(specifier, context);
}

/** Module hook: compiles a TypeScript file as Jest does, decorator metadata included. */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), { ...swcOptions, filename });
  return { format: 'module', shortCircuit: true, source: code };
}

function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
