import { Inject, Injectable, Scope, UseGuards, type CanActivate } from '@nestjs/common';
import { ContextIdFactory, REQUEST, type ContextId, type HostComponentInfo } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  getQueueToken,
  JobData,
  JobRef,
  JobsModule,
  OnJob,
  Processor,
  Queue,
} from '../../libs/nest/src/index.js';
import { closeApplications, rootOptions, startApplication } from './support/application.ts';

afterEach(closeApplications);

async function start(...providers: object[]): Promise<Queue> {
  const { app } = await startApplication({
    imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
    providers: providers as [],
  });
  return app.get<Queue>(getQueueToken('mail'));
}

async function results(mail: Queue, name: string, metas: readonly Record<string, string>[]): Promise<unknown[]> {
  const jobs = await mail.addMany(metas.map((meta, n) => ({ name, data: { n }, options: { meta } })));
  return Promise.all(jobs.map(({ id }) => mail.result(id)));
}

describe('a request-scoped processor', () => {
  it('is made for each job, with what it injects; REQUEST is the job', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Current {
      constructor(@Inject(REQUEST) readonly job: ActiveJob<{ n: number }>) {}
    }
    @Processor({ queue: 'mail', scope: Scope.REQUEST })
    class Scoped {
      static made = 0;
      constructor(private readonly current: Current) {
        Scoped.made++;
      }
      @OnJob() shows(@JobData('n') n: number, @JobRef() job: ActiveJob<{ n: number }>): unknown {
        return [n, this.current.job === job];
      }
    }
    const mail = await start(Current, Scoped);
    expect(await results(mail, 'shows', [{}, {}, {}])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    expect(Scoped.made).toBe(3);
  });

  it('is also one that only its guard makes request-scoped', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Guard implements CanActivate {
      static made = 0;
      constructor(@Inject(REQUEST) private readonly job: ActiveJob) {
        Guard.made++;
      }
      canActivate(): boolean {
        return this.job.name === 'plain';
      }
    }
    @Processor('mail')
    class Plain {
      @OnJob() @UseGuards(Guard) plain(job: ActiveJob<{ n: number }>): number {
        return job.data.n;
      }
    }
    const mail = await start(Guard, Plain);
    expect(await results(mail, 'plain', [{}, {}])).toEqual([0, 1]);
    expect(Guard.made).toBe(2);
  });

  it('is shared by the jobs of a tenant where it is durable', async () => {
    const tenants = new Map<string, ContextId>();
    ContextIdFactory.apply({
      attach(contextId: ContextId, job: ActiveJob) {
        const tenant = job.meta['tenant'] ?? 'none';
        const parent = tenants.get(tenant) ?? ContextIdFactory.create();
        tenants.set(tenant, parent);
        return {
          resolve: (info: HostComponentInfo) => (info.isTreeDurable ? parent : contextId),
          payload: { tenant },
        };
      },
    });
    @Processor({ queue: 'mail', scope: Scope.REQUEST, durable: true })
    class Durable {
      static made: string[] = [];
      constructor(@Inject(REQUEST) readonly shared: { tenant: string }) {
        Durable.made.push(shared.tenant);
      }
      @OnJob() tenant(_job: ActiveJob): string {
        return this.shared.tenant;
      }
    }
    const mail = await start(Durable);
    const metas = [{ tenant: 'a' }, { tenant: 'b' }, { tenant: 'a' }];
    expect(await results(mail, 'tenant', metas)).toEqual(['a', 'b', 'a']);
    expect(Durable.made.toSorted()).toEqual(['a', 'b']);
  });
});
