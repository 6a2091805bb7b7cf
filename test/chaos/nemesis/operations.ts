import { callsOf, type ScriptName } from '../../core/support/calls-of.ts';
import { asking, ending } from '../../faults/support/exchanges.ts';
import type { CommandMatch, CommandPoint } from '../../support/proxy.ts';
import type { Role } from '../crew/seat.ts';
import type { ProgramPoint } from '../programs/settings.ts';

/** What a process asks of Redis, by name: the operations at which it can be killed, stopped or cut off. */
export const OPERATIONS: Readonly<Record<Role, Readonly<Record<string, CommandMatch>>>> = {
  worker: {
    open: callsOf('open'),
    fetch: asking,
    'end of a success': ending('c'),
    'end of a failure': ending('r'),
    'end for good': ending('f'),
    start: callsOf('start'),
    ...named('renew', 'reconcile', 'housekeep', 'report', 'tally', 'close'),
  },
  producer: named('declare', 'add', 'add-checked', 'wait'),
};

/** Operations that a process only comes to when it begins, or ends: it is made to. */
export const PROVOKED: Readonly<Record<string, 'by a new process' | 'by its end'>> = {
  open: 'by a new process',
  declare: 'by a new process',
  close: 'by its end',
};

function named(...names: readonly string[]): Record<string, CommandMatch> {
  // Commands are named as their files, and the scripts of the generated module in camel case.
  const script = (name: string): ScriptName =>
    name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) as ScriptName;
  return Object.fromEntries(names.map((name) => [name, callsOf(script(name))]));
}

/** The moments of a command at which something can happen to the process, as a proxy sees them. */
export const COMMAND_POINTS: readonly CommandPoint[] = ['before', 'sent', 'answered', 'told'];

/** The moments of a command at which its connection can be cut: nothing was done, or all of it. */
export const CUT_POINTS: readonly CommandPoint[] = ['before', 'answered'];

/** The places in its own program at which a process can kill itself. */
export const PROGRAM_POINTS: Readonly<Record<Role, readonly ProgramPoint[]>> = {
  worker: ['handler-start', 'after-effect', 'mid-batch'],
  producer: ['between-adds'],
};

/** A point at which something happens to a process of this role, once it comes there. */
export interface NamedPoint {
  readonly role: Role;
  readonly at: { readonly operation: string; readonly point: CommandPoint } | { readonly program: ProgramPoint };
}

/** Every operation at each of these moments. */
export function commandPoints(points: readonly CommandPoint[]): NamedPoint[] {
  return (Object.keys(OPERATIONS) as Role[]).flatMap((role) =>
    Object.keys(OPERATIONS[role]).flatMap((operation) => points.map((point) => ({ role, at: { operation, point } }))),
  );
}

/** Every point at which a process can be killed. */
export function killPoints(): NamedPoint[] {
  const inPrograms = (Object.keys(PROGRAM_POINTS) as Role[]).flatMap((role) =>
    PROGRAM_POINTS[role].map((program) => ({ role, at: { program } })),
  );
  return [...commandPoints(COMMAND_POINTS), ...inPrograms];
}

/** As it is named in a report. */
export function nameOf({ role, at }: NamedPoint): string {
  return `${role}: ${'program' in at ? at.program : `${at.operation}, ${at.point}`}`;
}
