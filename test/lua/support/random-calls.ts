import { addChecked, expire, tag } from '../../../libs/core/src/redis/scripts.generated.js';
import { randomFire } from './batching.js';
import type { TestQueue } from './harness.js';
import { LuaWorker, zip, type Leased } from './lua-worker.js';
import { body, type JobSketch } from './records.js';
import { Random } from './random.js';
import { ENDS } from './random-ends.js';
import { randomBulk } from './random-bulk.js';
import { randomLink } from './random-links.js';
import { LIMITED_LINES, liftLimits, randomLimit } from './random-limits.js';
import { randomSchedule } from './random-schedule.js';

interface Actor {
  worker: LuaWorker;
  held: Leased[];
}

const PRIORITIES = [0, 0, 0, 5, -5];

/** As clients mint ids. */
function mintedId(count: number | string): string {
  return `producer0~${count}`;
}

/** Calls drawn by chance on a small queue: few ids, few workers, so that they meet often. Calls are sent again, too. */
export class RandomCalls {
  /** Jobs under minted ids, without those that were removed by a call. */
  readonly added = new Set<string>();
  /** Those of them that no wish of their own lets go. */
  readonly kept = new Set<string>();
  /** How often such a job may complete: once, and once more for each retry by a call. */
  readonly allowed = new Map<string, number>();
  /** How often an end as completed was accepted. */
  readonly completions = new Map<string, number>();
  /** How often an end was accepted, by its letter; those that the core itself decides are not among them. */
  readonly ended = new Map<string, number>();
  readonly calls: string[] = [];
  readonly #actors: Actor[] = [];
  readonly #stale: Leased[] = [];
  #minted = 0;
  #epochs = 0;

  constructor(
    private readonly queue: TestQueue,
    private readonly random: Random,
  ) {}

  async step(): Promise<void> {
    const { random } = this;
    const step = random.pick([
      () => this.#add(),
      () => this.#add(),
      () => this.#addChecked(),
      () => this.#addUsing(),
      () => this.#addUnique(),
      () => this.#lease(),
      () => this.#lease(),
      () => this.#end(),
      () => this.#end(),
      () => this.#endStale(),
      () => this.#start(),
      () => this.#note(),
      () => this.#admin(),
      () => this.#admin(),
      () => this.#prioritize(),
      () => this.#putAnew(),
      () => this.#update(),
      () => this.#tag(),
      () => this.#expire(),
      () => randomLink(this.queue, this.random, this.#anyIds(), this.calls),
      () => this.#reconcile(),
      () => this.#renew(),
      () => this.#renew(),
      () => this.#close(),
      () => this.#abandon(),
      () => this.#look(),
      () => this.#look(),
      () => this.#wait(),
      () => this.#claim(),
      async () => this.#log(await randomLimit(this.queue, this.random)),
      () => randomBulk(this.queue, this.random, this),
      () => randomSchedule(this.queue, this.random, this.calls),
      () => randomFire(this.queue, this.random, this.calls),
    ]);
    await step();
  }

  /** Lets every job that can still run, run and complete. */
  async drain(): Promise<void> {
    await liftLimits(this.queue);
    for (const name of ['greet', '\tformat']) await this.queue.raw('claim', name);
    for (let round = 0; round < 60; round++) {
      this.queue.pass(31_000);
      await this.queue.housekeep();
      const { worker } = await this.#open();
      for (const job of await worker.lease(100)) {
        this.#log('drain', job.id);
        if ((await worker.end(job)).refused === '') this.#complete(job.id);
      }
      await worker.close();
    }
  }

  #log(...parts: readonly unknown[]): void {
    this.calls.push(parts.join(' '));
  }

  #complete(id: string): void {
    this.completions.set(id, (this.completions.get(id) ?? 0) + 1);
  }

  #how(): { how: string; sketch: JobSketch } {
    const { random } = this;
    const priority = random.pick(PRIORITIES);
    const delay = random.chance(0.2) ? [`d${random.int(20)}`] : [];
    const ordered = priority === 0 ? [] : [`p${priority}`];
    const keep = random.chance(0.2) ? [random.pick(['k0:0', 'k5000:', 'k:9000'])] : [];
    const stalls = random.chance(0.2) ? ['s1'] : [];
    const fields = [...ordered, ...keep, ...stalls].join(',');
    const stored = { id: mintedId(`f${this.calls.length}`), body: body({ fields: random.pick(['', '', 'k0:']) }) };
    return {
      how: [...delay, ...ordered].join(','),
      sketch: random.chance(0.2) ? { fields, onFailure: stored } : { fields },
    };
  }

  async #add(): Promise<void> {
    const { how, sketch } = this.#how();
    const id = mintedId(this.#minted++);
    this.#log('add', id, how, JSON.stringify(sketch));
    this.added.add(id);
    if (!sketch.fields?.includes('k')) this.kept.add(id);
    this.allowed.set(id, 1);
    const row = [how === '' ? id : `${id}\t${how}`, body(sketch)];
    const argv = [`producer${this.random.int(2)}`, this.#minted, 0, ...row];
    await this.queue.raw('add', ...argv);
    if (this.random.chance(0.3)) await this.queue.raw('add', ...argv);
  }

  async #addChecked(): Promise<void> {
    const { how, sketch } = this.#how();
    const id = `g${this.random.int(4)}`;
    const policy = this.random.pick(['ck,m50', 'cj,m50', 'cr,m50', 'cr,m50,x']);
    this.#log('add-checked', id, how, policy);
    await this.queue.addChecked(id, [how, policy].filter((part) => part !== '').join(','), sketch);
  }

  /** Of few keys and tags, in calls of several rows; also under given ids. */
  async #addUnique(): Promise<void> {
    const { random } = this;
    const rows = Array.from({ length: 1 + random.int(3) }, (): [string, string] => {
      const [key, policy, until, ms] = [
        random.int(3),
        random.pick(['k', 'j', 'r']),
        random.pick(['u', 'v', '']),
        random.pick(['', '40']),
      ];
      const isForced = random.chance(0.3);
      const given = random.chance(0.4) ? `c${policy},m50${isForced ? ',x' : ''}` : '';
      const id = given === '' ? mintedId(this.#minted++) : `g${random.int(4)}`;
      const isUnique = random.chance(0.8);
      const lines = [
        ...(random.chance(0.4) ? [['t', ...random.pick([['red'], ['red', 'blue'], ['green']])]] : []),
        ...(isUnique ? [['u', key, until, until === '' ? '40' : ms, policy, ...(isForced ? ['x'] : [])]] : []),
      ];
      const fields = isUnique && until !== '' ? `${until}${key}${ms === '' ? '' : ':'}` : '';
      return [`${id}\t${given}\n${lines.map((line) => line.join('\t')).join('\n')}`, body({ fields })];
    });
    const call = { ...this.queue.lane(), atomic: random.int(2), rows: rows.flat() };
    const [first, again] = await this.queue.twice(addChecked, call);
    this.#log('add-unique', JSON.stringify(rows.map(([head]) => head)), JSON.stringify(first));
    if (first.code === 'OK' && JSON.stringify(first) !== JSON.stringify(again))
      throw new Error('a call sent again was answered otherwise');
  }

  /** Jobs that use resources, or have a group, under minted ids. */
  async #addUsing(): Promise<void> {
    const { how, sketch } = this.#how();
    const id = mintedId(this.#minted++);
    const uses = this.random.pick(LIMITED_LINES);
    this.#log('add-checked', id, how, uses);
    this.added.add(id);
    if (!sketch.fields?.includes('k')) this.kept.add(id);
    this.allowed.set(id, 1);
    await this.queue.raw('add-checked', 'using', this.#minted, 0, `${id}\t${how}\n${uses}`, body(sketch));
  }

  async #open(): Promise<Actor> {
    const worker = new LuaWorker(this.queue, `E${this.#epochs++}`);
    await worker.open(this.random.pick([300, 30_000]));
    return { worker, held: [] };
  }

  async #actor(): Promise<Actor> {
    if (this.#actors.length < 3) this.#actors.push(await this.#open());
    return this.random.pick(this.#actors);
  }

  async #lease(): Promise<void> {
    const actor = await this.#actor();
    const sketch = {
      want: 1 + this.random.int(4),
      chunk: 1 + this.random.int(3),
      park: this.random.int(3),
      slot: this.random.pick(['0', '1']),
    };
    const reply = await actor.worker.call(sketch);
    this.#log('lease', actor.worker.epoch, JSON.stringify(sketch), reply.code);
    if (reply.code !== 'OK') return this.#lose(actor);
    // The reply got lost: the call is sent again, or its jobs are left to reconcile.
    const seq = actor.worker.lastSeq(sketch.slot);
    if (this.random.chance(0.1)) return;
    const { leased } = await actor.worker.exchange({ ...sketch, seq });
    actor.held.push(...leased);
  }

  async #end(): Promise<void> {
    const actor = await this.#actor();
    const jobs = actor.held.splice(0, 1 + this.random.int(3));
    if (jobs.length === 0) return;
    const codes = jobs.map(() => this.random.pick(ENDS));
    const ends = zip(jobs, codes);
    const reply = await actor.worker.call({ ends });
    this.#log(
      'end',
      actor.worker.epoch,
      jobs.map(({ id }) => id),
      codes.map((code) => code.charAt(0)),
      reply.code,
    );
    this.#stale.push(...jobs);
    if (reply.code !== 'OK') return this.#lose(actor);
    const again = await actor.worker.exchange({ ends, seq: actor.worker.lastSeq() });
    if (again.refused !== reply.refused) throw new Error('an end sent again was answered otherwise');
    const refused = new Set(reply.refused.split(','));
    jobs.forEach(({ id }, i) => {
      if (refused.has(String(i + 1))) return;
      const letter = codes[i]?.charAt(0) ?? '';
      this.ended.set(letter, (this.ended.get(letter) ?? 0) + 1);
      if (/^[1c]/.test(letter)) this.#complete(id);
    });
  }

  /** A late end of a run that is over must change nothing. */
  async #endStale(): Promise<void> {
    const job = this.#stale.length === 0 ? undefined : this.random.pick(this.#stale);
    const actor = await this.#actor();
    if (job === undefined || actor.held.some(({ id, token }) => id === job.id && token === job.token)) return;
    const holder = await this.queue.redis.hget(this.queue.key(`h:${actor.worker.epoch}`), job.id);
    const reply = await actor.worker.call({ ends: [[job, '1']] });
    this.#log('stale', actor.worker.epoch, job.id, job.token, reply.code);
    if (reply.code === 'OK' && reply.refused !== '1' && !holder?.startsWith(`${job.token}.`)) {
      throw new Error(`a late end of ${job.id} was taken`);
    }
    if (reply.code === 'OK' && reply.refused !== '1') this.#complete(job.id);
  }

  async #start(): Promise<void> {
    const actor = await this.#actor();
    this.#log('start', actor.worker.epoch);
    await actor.worker.start(...actor.held);
  }

  async #note(): Promise<void> {
    const actor = await this.#actor();
    const [job] = actor.held;
    if (job === undefined) return;
    this.#log('note', actor.worker.epoch, job.id);
    await this.queue.raw('note', actor.worker.epoch, job.id, job.token, this.random.pick(['p', 't', 'l']), 'one', '1');
  }

  #anyIds(): string[] {
    const ids = [...this.added].slice(-12).concat(['g0', 'g1', 'g2', 'g3']);
    return Array.from({ length: 1 + this.random.int(3) }, () => this.random.pick(ids));
  }

  async #admin(): Promise<void> {
    const ids = this.#anyIds();
    const what = this.random.pick(['cancel', 'remove', 'retry', 'promote'] as const);
    const fates = await this.queue[what](...ids);
    this.#log(what, ids, fates);
    for (const [i, id] of ids.entries()) {
      if (fates.charAt(i) !== 'R') continue;
      const allowed = this.allowed.get(id);
      if (what !== 'retry') this.kept.delete(id);
      else if (allowed !== undefined) this.allowed.set(id, allowed + 1);
    }
  }

  async #prioritize(): Promise<void> {
    const [id = ''] = this.#anyIds();
    const priority = this.random.pick(PRIORITIES);
    this.#log('prioritize', id, priority);
    await this.queue.prioritize(id, priority);
  }

  async #putAnew(): Promise<void> {
    const [id = ''] = this.#anyIds();
    const fate = await this.queue.move(id, '', this.random.pick(['', 'd7', 'p5']));
    this.#log('move', id, fate);
    const allowed = this.allowed.get(id);
    if (fate === 'M' && allowed !== undefined) this.allowed.set(id, allowed + 1);
  }

  async #update(): Promise<void> {
    const [id = ''] = this.#anyIds();
    const how = this.random.pick(['', 'd7', 'd0', 'p5', 'p0']);
    this.#log('update', id, how, await this.queue.update(id, how, '"new"'));
  }

  async #expire(): Promise<void> {
    const ids = this.#anyIds();
    this.#log('expire', ids, JSON.stringify(await this.queue.run(expire, { ...this.queue.lane(), ids })));
  }

  async #tag(): Promise<void> {
    const [id = ''] = this.#anyIds();
    const tags = this.random.pick([['red'], ['red', 'blue'], ['green', 'green']]);
    const on = this.random.int(2);
    this.#log('tag', id, on, tags);
    await this.queue.run(tag, { ...this.queue.lane(), id, on, tags });
  }

  async #reconcile(): Promise<void> {
    const actor = await this.#actor();
    const { worker, held } = actor;
    const settled = ['0', '1'].flatMap((slot) => [slot, String(worker.lastSeq(slot))]);
    this.#log(
      'reconcile',
      worker.epoch,
      held.map(({ id }) => id),
    );
    await this.queue.raw('reconcile', worker.epoch, settled.length, ...settled, ...held.map(({ id }) => id));
  }

  async #renew(): Promise<void> {
    const actor = await this.#actor();
    this.#log('renew', actor.worker.epoch);
    const reply = await actor.worker.renew({ lease: 300, received: this.random.int(3) });
    if (reply.code !== 'OK') this.#lose(actor);
  }

  async #close(): Promise<void> {
    if (this.random.chance(0.6)) return;
    const actor = await this.#actor();
    this.#log('close', actor.worker.epoch);
    await actor.worker.close();
    if (this.random.chance(0.5)) this.#lose(actor);
  }

  async #abandon(): Promise<void> {
    if (this.random.chance(0.6)) return;
    const actor = await this.#actor();
    this.#log('abandon', actor.worker.epoch);
    this.#lose(actor);
  }

  #lose(actor: Actor): void {
    this.#stale.push(...actor.held);
    this.#actors.splice(this.#actors.indexOf(actor), 1);
  }

  async #look(): Promise<void> {
    const ms = this.random.pick([0, 5, 20, 90, 90, 400, 40_000, -50]);
    this.queue.pass(ms);
    this.#log('look after', ms);
    await this.queue.housekeep(this.random.pick([1, 3, 1_000]));
  }

  async #wait(): Promise<void> {
    const [id = ''] = this.#anyIds();
    this.#log('wait', id);
    await this.queue.raw('wait', id, 'channel', 1_000);
  }

  async #claim(): Promise<void> {
    this.#log('claim');
    await this.queue.raw('claim', 'greet');
  }
}
