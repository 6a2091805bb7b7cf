/** Deletes what earlier builds left behind: output whose source is gone. The compiler never does, and it would be published. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './project/tree.js';

const OUTPUT = /^(.*)(?:\.d\.ts|\.js|\.js\.map)$/;

const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { workspaces: string[] };

for (const workspace of workspaces.map((path) => join(ROOT, path))) {
  const dist = join(workspace, 'dist');
  if (!existsSync(dist)) continue;
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const [, name] = OUTPUT.exec(file) ?? [];
    if (name !== undefined && !existsSync(join(workspace, 'src', `${name}.ts`))) rmSync(join(dist, file));
  }
}
