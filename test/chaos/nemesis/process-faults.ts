import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../support/wait-for.ts';
import type { Seat } from '../crew/seat.ts';
import { nameOf, OPERATIONS, PROVOKED, type NamedPoint } from './operations.ts';
import type { Scene } from './scene.ts';

/** How long it is waited until a process comes to a named point; some are rare. */
const POINT_MS = 2_500;
/** The same where the process has to start first. */
const BIRTH_MS = 8_000;

const processOf = ({ name }: Seat): string => `process ${name}`;

/** kill -9, at no particular point. */
export function kill(scene: Scene, name: string): Promise<void> {
  const seat = scene.seat(name);
  return scene.exclusively(processOf(seat), () => killNow(scene, seat, 'kill', () => seat.kill()));
}

/** Stopped in the midst of whatever it does, all threads, and continued. */
export function stop(scene: Scene, name: string, ms: number): Promise<void> {
  const seat = scene.seat(name);
  return scene.exclusively(processOf(seat), () =>
    scene.make({ kind: 'stop', victims: [seat.label], canTakeLease: scene.canTakeLease(ms) }, () => stopFor(seat, ms)),
  );
}

/** Its event loop is blocked, as by a handler that only computes. Leases outlast that: the keeper is a thread. */
export function block(scene: Scene, name: string, ms: number): Promise<void> {
  const seat = scene.seat(name);
  return scene.exclusively(processOf(seat), () =>
    scene.make({ kind: 'block', victims: [seat.label], canTakeLease: false }, async () => {
      seat.tell({ type: 'block', ms });
      await sleep(ms);
    }),
  );
}

/** SIGTERM: it ends in good order; what does not end in time goes back. */
export function terminate(scene: Scene, name: string): Promise<void> {
  const seat = scene.seat(name);
  return scene.exclusively(processOf(seat), () =>
    scene.make({ kind: 'terminate', victims: [seat.label], canTakeLease: true }, () => seat.end()),
  );
}

/** kill -9 at a named point, if the process comes there. */
export function killAt(scene: Scene, name: string, point: NamedPoint): Promise<void> {
  return atPoint(scene, name, point, 'killAt', (seat) => killNow(scene, seat, 'killAt', () => seat.kill()));
}

/** Stopped at a named point, and continued. */
export function stopAt(scene: Scene, name: string, point: NamedPoint, ms: number): Promise<void> {
  return atPoint(scene, name, point, 'stopAt', (seat) =>
    scene.make({ kind: 'stopAt', victims: [seat.label], canTakeLease: scene.canTakeLease(ms) }, () =>
      stopFor(seat, ms),
    ),
  );
}

async function killNow(scene: Scene, seat: Seat, kind: string, act: () => void): Promise<void> {
  const { label, exited } = seat;
  await scene.make({ kind, victims: [label], canTakeLease: true }, async () => {
    act();
    await exited;
  });
}

async function stopFor(seat: Seat, ms: number): Promise<void> {
  seat.signal('SIGSTOP');
  await sleep(ms);
  seat.signal('SIGCONT');
}

/** The proxy of the process is not to be in use by another fault, for its end would call the trap off. */
function atPoint(
  scene: Scene,
  name: string,
  named: NamedPoint,
  kind: string,
  act: (seat: Seat) => Promise<void>,
): Promise<void> {
  const seat = scene.seat(name);
  const { at } = named;
  return scene.exclusively(processOf(seat), () =>
    scene.exclusively(`network ${name}`, async () => {
      if ('program' in at) return dieIn(scene, seat, named);
      const match = OPERATIONS[named.role][at.operation];
      if (match === undefined) throw new Error(`there is no operation ${at.operation}`);
      let acting: Promise<void> | undefined;
      // Here, and not a turn of the event loop later: the process goes on meanwhile.
      const callOff = seat.proxy.at(at.point, match, () => {
        acting = act(seat);
      });
      const provoked = PROVOKED[at.operation];
      if (provoked === 'by a new process') await killNow(scene, seat, 'kill', () => seat.kill());
      const ending = provoked === 'by its end' ? seat.end() : undefined;
      const timeoutMs = provoked === 'by a new process' ? BIRTH_MS : POINT_MS;
      await waitFor('the point', () => acting !== undefined, { timeoutMs }).catch(() => undefined);
      await ending;
      if (!callOff()) scene.met.add(`${kind} ${nameOf(named)}`);
      await acting;
    }),
  );
}

/** A place in the program itself: it is told to kill itself there. */
async function dieIn(scene: Scene, seat: Seat, named: NamedPoint): Promise<void> {
  const { at } = named;
  if (!('program' in at)) return;
  const { label } = seat;
  // To its end: it may still come there before it hears that it is to live.
  seat.expectDeath();
  seat.tell({ type: 'die', at: at.program });
  await waitFor('the point', () => seat.label !== label || !seat.isAlive, { timeoutMs: POINT_MS }).catch(
    () => undefined,
  );
  if (seat.label === label && seat.isAlive) {
    seat.tell({ type: 'live' });
    return;
  }
  scene.met.add(`killAt ${nameOf(named)}`);
  await scene.make({ kind: 'killAt', victims: [label], canTakeLease: true }, () => Promise.resolve());
}
