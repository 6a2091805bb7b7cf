import { Worker as Thread } from 'node:worker_threads';

import type { Timer } from '../../clock/index.js';
import { describeError } from '../../errors/index.js';
import type { Connection, KeeperConnection } from '../../redis/index.js';
import { sharedMonotonicMs, type Clocks } from '../permit.js';
import { BEAT_MS, Heartbeat } from './heartbeat.js';
import { LeaseKeeper } from './lease-keeper.js';
import type { FromKeeper, KeeperReady, KeptEpoch, ToKeeper } from './messages.js';

/** Told what the keeper did for an epoch. */
export type KeeperListener = (message: FromKeeper) => void;

/** Where the leases of a connection are kept. */
export type KeeperPlace = 'thread' | 'main';

/** One a connection, however many workers and queues: shared, and ended with its last user. */
const HOSTS = new WeakMap<Connection, KeeperHost>();

/**
 * The main thread's side of the lease keeper. It runs in a thread of its own, so that a handler that blocks the event
 * loop loses no lease; where it cannot (a client of the application, virtual time), or when the thread dies, in this one.
 */
export class KeeperHost {
  readonly #connection: Connection;
  readonly #kept = new Map<number, { readonly epoch: KeptEpoch; readonly listener: KeeperListener }>();
  readonly #heartbeat = new Heartbeat();
  readonly clocks: Clocks;
  /** Resolves when leases are kept, whatever the main thread does then: a thread takes long to start. */
  readonly ready: Promise<void>;
  #isReady!: () => void;
  #users = 0;
  #thread: Thread | undefined;
  #inline: LeaseKeeper | undefined;
  #beat: Timer | undefined;
  #isClosing = false;

  private constructor(connection: Connection) {
    this.#connection = connection;
    const { clock } = connection;
    const monotonic = clock.isVirtual ? () => clock.monotonic() : sharedMonotonicMs;
    this.clocks = { monotonic, now: () => clock.now() };
    this.ready = new Promise((resolve) => (this.#isReady = resolve));
  }

  /** The keeper of this connection; `release` it when it is not needed any more. */
  static acquire(connection: Connection, wish: KeeperPlace): KeeperHost {
    const known = HOSTS.get(connection);
    const host = known ?? new KeeperHost(connection);
    HOSTS.set(connection, host);
    if (host.#users++ === 0) host.#start(wish);
    return host;
  }

  get place(): KeeperPlace {
    return this.#thread === undefined ? 'main' : 'thread';
  }

  keep(epoch: KeptEpoch, listener: KeeperListener): void {
    this.#kept.set(epoch.number, { epoch, listener });
    this.#send({ type: 'keep', ...epoch });
  }

  forget(number: number): void {
    if (this.#kept.delete(number)) this.#send({ type: 'forget', number });
  }

  /** Has an epoch renewed at once: there is something to hear of. */
  look(number: number): void {
    this.#send({ type: 'look', number });
  }

  /** Ends the keeper with its last user; resolves when its thread has ended. */
  async release(): Promise<void> {
    if (--this.#users > 0) return;
    this.#isClosing = true;
    HOSTS.delete(this.#connection);
    this.#beat?.clear();
    this.#inline?.stop();
    const thread = this.#thread;
    if (thread === undefined) return;
    const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    thread.postMessage({ type: 'close' } satisfies ToKeeper);
    await exited;
  }

  #start(wish: KeeperPlace): void {
    const described = this.#connection.keeperConnection();
    if (wish === 'main' || this.#connection.clock.isVirtual) this.#startInline();
    else if (described.possible) this.#startThread(described.connection);
    else {
      this.#connection.logger.warn(
        `Leases are kept on the main thread, because ${described.reason}: a handler that blocks the event loop can lose its jobs. Give connect() a URL or plain options.`,
      );
      this.#startInline();
    }
  }

  #startThread(connection: KeeperConnection): void {
    this.#scheduleBeat();
    const workerData = { connection, heartbeat: this.#heartbeat.buffer };
    const thread = new Thread(new URL('./keeper-thread.js', import.meta.url), { workerData, name: 'millrace-keeper' });
    this.#thread = thread;
    thread.unref();
    thread.on('message', (message: FromKeeper | KeeperReady) => {
      if (message.type === 'ready') this.#isReady();
      else this.#tell(message);
    });
    thread.on('error', (error) => this.#replaceThread(thread, describeError(error).message));
    thread.on('exit', () => this.#replaceThread(thread, 'it ended'));
  }

  /** The thread died: the main one goes on with what it kept. */
  #replaceThread(thread: Thread, reason: string): void {
    if (this.#isClosing || this.#thread !== thread) return;
    this.#thread = undefined;
    this.#beat?.clear();
    this.#connection.logger.error(
      `The lease keeper's thread died (${reason}); leases are kept on the main thread now.`,
    );
    this.#startInline();
    for (const { epoch, listener } of this.#kept.values()) {
      this.#send({ type: 'keep', ...epoch });
      listener({ type: 'died', epoch: epoch.number });
    }
  }

  #startInline(): void {
    const { scripts, clock } = this.#connection;
    const tell = (message: FromKeeper): void => this.#tell(message);
    // Without a heartbeat: where this thread is blocked, so is the keeper.
    this.#isReady();
    this.#inline = new LeaseKeeper({ scripts, clock, clocks: this.clocks, heartbeat: undefined, tell });
  }

  #send(message: ToKeeper): void {
    if (this.#thread !== undefined) this.#thread.postMessage(message);
    else if (message.type === 'keep') this.#inline?.keep(message);
    else if (message.type === 'forget') this.#inline?.forget(message.number);
    else if (message.type === 'look') this.#inline?.look(message.number);
  }

  #tell(message: FromKeeper): void {
    this.#kept.get(message.epoch)?.listener(message);
  }

  #scheduleBeat(): void {
    this.#heartbeat.beat();
    this.#beat = this.#connection.clock.setTimer(BEAT_MS, () => this.#scheduleBeat(), { unref: true });
  }
}
