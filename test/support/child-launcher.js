/** Runs the TypeScript program named by the first argument in a child process of a test. */
import { register } from 'node:module';

// Without its parent a child has nobody to end it.
process.on('disconnect', () => process.exit(1));
register('./typescript-hooks.js', import.meta.url);
const [program] = process.argv.splice(2, 1);
await import(program);
