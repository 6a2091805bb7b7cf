import type { ModulesContainer } from '@nestjs/core';

import { valuesOf } from '../discovery/module-map.js';
import type { QueueSettings } from '../interfaces/queue-options.interface.js';
import { QUEUE_MARKS } from '../jobs.constants.js';
import type { QueueMark } from './marks.js';
import type { QueueDeclaration } from './queue-declaration.js';

type QueueName = Pick<QueueMark, 'name' | 'root'>;

/**
 * What the modules of an application say of its queues. A queue is made once, from all of it: so whoever needs it first
 * waits for the factories that have something to say.
 */
export class QueueStatements {
  readonly #modules: ModulesContainer;
  readonly #made = new Map<QueueMark, Deferred<QueueSettings>>();

  constructor(modules: ModulesContainer) {
    this.#modules = modules;
  }

  /** Takes what a factory made. */
  state(mark: QueueMark, settings: QueueSettings): void {
    this.#deferred(mark).resolve(settings);
  }

  /** Everything said of a queue, laid together; where two say different things, the inspection complains. */
  async of(queue: QueueName, ofRoot: readonly QueueDeclaration[]): Promise<QueueSettings> {
    const said: object[] = ofRoot.filter(({ name }) => name === queue.name).map(({ settings }) => settings);
    for (const { value: marks } of valuesOf<readonly QueueMark[]>(this.#modules, QUEUE_MARKS)) {
      for (const mark of marks.filter(({ name, root }) => name === queue.name && root === queue.root)) {
        said.push(mark.settingsToken === undefined ? Object(mark.settings) : await this.#deferred(mark).promise);
      }
    }
    return Object.assign({}, ...said) as QueueSettings;
  }

  #deferred(mark: QueueMark): Deferred<QueueSettings> {
    let deferred = this.#made.get(mark);
    if (deferred === undefined) {
      deferred = defer();
      this.#made.set(mark, deferred);
    }
    return deferred;
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function defer<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
