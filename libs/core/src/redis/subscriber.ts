import { ClosedError, NoRedisError } from '../errors/index.js';
import { fromReply, isReplyError } from './calls/reply-error.js';
import { createSubscriberClient } from './client/client.js';
import { closeClient } from './client/close-client.js';
import { failureReason } from './client/failure.js';
import { Link } from './client/link.js';

/** Receives what is published on a channel. */
export type MessageListener = (message: string) => void;

/** What a subscriber needs of its connection. */
export interface SubscriberHost {
  /** The link of the commands: the client of the subscriber is made after its model. */
  readonly commands: Link;
  /** Where Redis is, without a password. */
  readonly description: string;
  readonly timeoutMs: number;
  /** Told of each client that is made. */
  onLink(link: Link): void;
}

interface Channel {
  readonly listeners: Set<MessageListener>;
  /** Whether Redis has confirmed it on the socket that is open now. */
  confirmed: boolean;
  readonly waiters: Set<(error?: Error) => void>;
}

/** A socket that died silently is noticed by a PING that nobody answers within the time of a command. */
const HEARTBEAT_MS = 5_000;

const REOPEN_AFTER_MS = 500;

/**
 * The one publish/subscribe client of a connection; it opens with the first subscription. Messages are hints: those
 * published while it is away are lost, so whoever waits for one asks again when `onReady` calls.
 */
export class Subscriber {
  readonly #host: SubscriberHost;
  readonly #channels = new Map<string, Channel>();
  readonly #readyListeners = new Set<() => void>();
  #link: Link | undefined;
  #reopening: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #wasReady = false;
  #closed = false;

  constructor(host: SubscriberHost) {
    this.#host = host;
  }

  /**
   * Listens to a channel. Resolves when Redis has confirmed it, with the function that ends the listening. A listener
   * must not throw.
   *
   * @throws NoRedisError when Redis did not confirm it in time; then nothing is listened to
   * @throws StorageRefusedError when the user may not listen to this channel
   */
  async subscribe(name: string, listener: MessageListener): Promise<() => void> {
    this.#assertOpen();
    const known = this.#channels.get(name);
    const channel = known ?? { listeners: new Set(), confirmed: false, waiters: new Set() };
    const subscription: MessageListener = (message) => listener(message);
    channel.listeners.add(subscription);
    const unsubscribe = (): void => this.#unsubscribe(name, channel, subscription);
    if (known === undefined) {
      this.#channels.set(name, channel);
      this.#request([name]);
    }
    try {
      await this.#confirmation(name, channel);
    } catch (error) {
      unsubscribe();
      throw error;
    }
    return unsubscribe;
  }

  /** Calls back after each reconnection, once all channels are subscribed again. Returns the function that ends it. */
  onReady(listener: () => void): () => void {
    this.#readyListeners.add(listener);
    return () => this.#readyListeners.delete(listener);
  }

  /** Tries at once to connect, where it waits for its next try: the client of the commands has just got through. */
  hasten(): void {
    if (this.#reopening === undefined) this.#link?.hasten();
    else this.#open();
  }

  /** Ends all subscriptions; those not confirmed yet reject. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#reopening);
    this.#readyListeners.clear();
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const channel of channels) settle(channel, closedError());
    const link = this.#link;
    link?.release();
    if (link !== undefined) await closeClient(link.client, timeoutMs);
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError();
  }

  #confirmation(name: string, channel: Channel): Promise<void> {
    if (channel.confirmed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = (error?: Error): void => {
        clearTimeout(timer);
        channel.waiters.delete(waiter);
        if (error === undefined) resolve();
        else reject(error);
      };
      const timer = setTimeout(() => waiter(this.#tooLate(name)), this.#host.timeoutMs);
      channel.waiters.add(waiter);
    });
  }

  #tooLate(name: string): Error {
    const failure = this.#link?.lastError ?? this.#host.commands.lastError;
    const reason = failure ? failureReason(failure) : `channel ${name} not confirmed within ${this.#host.timeoutMs} ms`;
    return new NoRedisError(this.#host.description, reason);
  }

  #unsubscribe(name: string, channel: Channel, subscription: MessageListener): void {
    if (!channel.listeners.delete(subscription) || channel.listeners.size > 0) return;
    if (this.#channels.get(name) !== channel) return;
    this.#channels.delete(name);
    if (this.#link?.isReady === true) this.#link.client.unsubscribe(name).catch(() => {});
  }

  /** Subscribes what the open socket lacks. Where none is open, `#ready` does it for all. */
  #request(names: readonly string[], after?: () => void): void {
    if (this.#link === undefined) this.#open();
    if (this.#link?.isReady !== true) return;
    this.#link.client.subscribe(...names).then(
      () => {
        for (const name of names) settle(this.#channels.get(name));
        after?.();
      },
      (error: Error) => {
        // Other failures break the socket, and the next one is asked again.
        if (!isReplyError(error)) return;
        for (const name of names) settle(this.#channels.get(name), fromReply(error, 'subscribe', name));
      },
    );
  }

  #open(): void {
    if (this.#closed || this.#link !== undefined) return;
    clearTimeout(this.#reopening);
    this.#reopening = undefined;
    const client = createSubscriberClient(this.#host.commands.client, this.#host.timeoutMs);
    if (client === undefined) return this.#reopen();
    const link = new Link(client, false);
    this.#link = link;
    client.on('message', (name: string, message: string) => {
      for (const listener of this.#channels.get(name)?.listeners ?? []) listener(message);
    });
    client.once('end', () => this.#reopen(link));
    link.onChange((state) => {
      if (state === 'ready') this.#ready();
      else if (state === 'down') this.#down();
    });
    this.#host.onLink(link);
    link.start();
  }

  /** A client that ended for good is replaced; in a Cluster by one of another node. */
  #reopen(ended?: Link): void {
    ended?.release();
    this.#link = undefined;
    if (!this.#closed) this.#reopening = setTimeout(() => this.#open(), REOPEN_AFTER_MS);
  }

  #ready(): void {
    const names = [...this.#channels.keys()];
    const again = this.#wasReady;
    this.#wasReady = true;
    clearInterval(this.#heartbeat);
    const everyMs = Math.min(HEARTBEAT_MS, this.#host.timeoutMs);
    this.#heartbeat = setInterval(() => this.#beat(), everyMs).unref();
    const tell = (): void => {
      if (again) for (const listener of this.#readyListeners) listener();
    };
    if (names.length > 0) this.#request(names, tell);
    else tell();
  }

  #beat(): void {
    this.#link?.client.ping().catch(() => {});
  }

  #down(): void {
    clearInterval(this.#heartbeat);
    for (const channel of this.#channels.values()) channel.confirmed = false;
  }
}

function settle(channel: Channel | undefined, error?: Error): void {
  if (channel === undefined) return;
  channel.confirmed = error === undefined;
  for (const waiter of [...channel.waiters]) waiter(error);
}

function closedError(): ClosedError {
  return new ClosedError('The connection to Redis', 'subscribe');
}
