/** Sends back what it gets; with the argument `crash` it throws at once. */
import 'reflect-metadata';

function mark(): PropertyDecorator {
  return () => undefined;
}

class Dated {
  @mark() day!: Date;
}

const args = process.argv.slice(2);
if (args.includes('crash')) throw new Error('crashed as asked');
const type = Reflect.getMetadata('design:type', Dated.prototype, 'day') as { name: string };
process.on('message', (message) => process.send?.(message));
process.send?.({ type: 'ready', args, env: process.env['MILLRACE_ECHO'], types: [type.name] });
