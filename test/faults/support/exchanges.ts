import { callsOf } from '../../core/support/calls-of.ts';

const isExchange = callsOf('exchange');
/** Where the arguments of an exchange stand in its command. */
const SLOT = 6;
const WANT = 8;
const ENDS = 12;

/** Tells an exchange that asks for jobs, whatever it hands in. */
export function asking(args: readonly string[]): boolean {
  return isExchange(args) && Number(args[WANT]) > 0;
}

/** Tells an exchange that asks for jobs and hands in nothing. */
export function fetching(args: readonly string[]): boolean {
  return asking(args) && args.length <= ENDS;
}

/** Tells an exchange of the lease keeper, which hands in what a blocked main thread cannot. */
export function ofKeeper(args: readonly string[]): boolean {
  return isExchange(args) && args[SLOT]?.startsWith('k') === true;
}

/** Tells an exchange that hands in an end of this kind; see the script. */
export function ending(letter: string): (args: readonly string[]) => boolean {
  const code = new RegExp(`^\\w+\\.\\d+\\t${letter}${letter === 'c' ? '?' : ''}\\d`);
  return (args) => isExchange(args) && args.slice(ENDS).some((arg) => code.test(arg));
}
