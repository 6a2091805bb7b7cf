import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../support/wait-for.ts';
import type { Proxy } from '../../support/proxy.ts';
import { nameOf, OPERATIONS, type NamedPoint } from './operations.ts';
import type { Scene } from './scene.ts';

/** How long it is waited until the process sends the command at which it is to be cut off. */
const COMMAND_MS = 2_500;

/** What a network does for a time to a process, until it passes everything again. */
export type NetworkState =
  | { readonly how: 'refuse' | 'blackhole' | 'half' | 'silence' }
  | { readonly how: 'delay'; readonly delayMs: number; readonly jitterMs: number }
  | { readonly how: 'chunk'; readonly bytes: number };

/** Treats the connections of a process so for a time. Pieces cost time only; all else costs a lease that it outlasts. */
export function disturb(scene: Scene, name: string, state: NetworkState, ms: number): Promise<void> {
  const { proxy } = scene.seat(name);
  return scene.exclusively(`network ${name}`, () =>
    scene.make(
      { kind: state.how, victims: [name], canTakeLease: state.how !== 'chunk' && scene.canTakeLease(ms) },
      async () => {
        enter(proxy, state);
        await sleep(ms);
        await proxy.pass();
      },
    ),
  );
}

/** Resets every connection of a process; it connects again long before a lease is over. */
export function reset(scene: Scene, name: string): Promise<void> {
  const { proxy } = scene.seat(name);
  return scene.exclusively(`network ${name}`, () =>
    scene.make({ kind: 'reset', victims: [name], canTakeLease: false }, async () => proxy.reset()),
  );
}

/** Cuts a process off at a command: before Redis has it, or after it was executed and before the answer comes. */
export function cutAt(scene: Scene, name: string, named: NamedPoint): Promise<void> {
  const { proxy } = scene.seat(name);
  const { at } = named;
  return scene.exclusively(`network ${name}`, async () => {
    if ('program' in at) return;
    const match = OPERATIONS[named.role][at.operation];
    if (match === undefined) throw new Error(`there is no operation ${at.operation}`);
    const kind = at.point === 'before' ? 'cutBefore' : 'cutAfterExecuted';
    let isCut = false;
    const callOff = proxy.at(at.point, match, () => {
      isCut = true;
      void scene.make({ kind, victims: [name], canTakeLease: false }, () => Promise.resolve());
    });
    await waitFor('the cut', () => isCut, { timeoutMs: COMMAND_MS }).catch(() => undefined);
    if (!callOff()) scene.met.add(`cutAt ${nameOf(named)}`);
  });
}

function enter(proxy: Proxy, state: NetworkState): void {
  switch (state.how) {
    case 'refuse':
      proxy.refuse();
      proxy.reset();
      break;
    case 'blackhole':
      proxy.blackhole();
      break;
    case 'half':
      proxy.half();
      break;
    case 'silence':
      proxy.silence();
      break;
    case 'delay':
      proxy.delay(state.delayMs, state.jitterMs);
      break;
    default:
      proxy.chunk(state.bytes);
  }
}
