import { describe, expect, it } from '@jest/globals';
import { QUEUES } from '../programs/work.ts';
import { Story } from '../support/story.ts';
import { VERDICTS, type VerdictName } from './evidence.ts';
import { judge } from './judge.ts';

/** What is found, by verdict; only what is not empty. */
function findings(story: Story): Partial<Record<VerdictName, string[]>> {
  const { verdict } = judge(story.evidence);
  return Object.fromEntries(
    VERDICTS.flatMap((name) => (verdict[name].length === 0 ? [] : [[name, verdict[name].map(({ what }) => what)]])),
  );
}

describe('the verdict on a history', () => {
  it('finds nothing where jobs complete, are retried, fail as they should, and run again after a kill', () => {
    const story = new Story().add('a').complete('a');
    story
      .add('b')
      .lease('b')
      .start('b')
      .leave('b', 'retry', 'worker-1.1', { run: story.run, dueAt: story.now + 50 });
    story.tell('b', 'failure').pass(60).complete('b', 'worker-2.1');
    story
      .ask('c', { fate: 'failed' })
      .store('c')
      .answer('c')
      .lease('c')
      .start('c')
      .end('c', 'worker-1.1', { letter: 'f' });
    story.add('d').lease('d').start('d').fault('kill', ['worker-1.1']).pass(2_000);
    story.leave('d', 'back').complete('d', 'worker-2.1').tell('d', 'result', story.run, 'producer-1.1');
    story.add('e', { delayMs: 100 }).pass(100).complete('e');
    story.ask('f').answer('f', 'refused').ask('g').answer('g', 'kept', 'a').ask('h').answer('h', 'unknown');
    story.ask('i').ask('i-heir', { heirOf: 'i' }).store('i').answer('i').complete('i');
    story.ask('j', { fate: 'failed' }).ask('j-heir', { heirOf: 'j' }).store('j').answer('j').lease('j').start('j');
    story.store('j-heir').end('j', 'worker-1.1', { letter: 'f' }).complete('j-heir');
    story.add('k').cancel('k', 'cancelled').over('k', { letter: 'x' }).add('l').cancel('l').over('l', { letter: 'x' });
    story.add('m').complete('m').cancel('m', 'had ended').schedule('tick', 500, 900_000, 900_500);
    story.add('p', { group: 'row-1' }).add('q', { group: 'row-1' }).lease('p').start('p');
    story.leave('p', 'retry', 'worker-1.1', { run: story.run, dueAt: story.now }).tell('p', 'failure');
    story.complete('q').complete('p');
    story.ask('o', { fate: 'late' }).store('o').answer('o').lease('o').start('o').tell('o', 'failure');
    story.leave('o', 'ended').over('o', { letter: 't' });
    expect(findings(story)).toEqual({});
    expect(judge(story.evidence)).toMatchObject({ jobs: 13, repeated: 1 });
  });

  const bad: Record<string, { readonly story: () => Story; readonly found: ReturnType<typeof findings> }> = {
    'a job that was acknowledged and never stored': {
      story: () => new Story().ask('a').answer('a'),
      found: { lost: ['a was acknowledged and never stored'] },
    },
    'a job that does not end': {
      story: () => new Story().add('a'),
      found: { lost: ['plain/a: has not ended, and is in r'] },
    },
    'a job that vanished': {
      story: () => {
        const story = new Story().add('a').complete('a');
        story.homes.delete('plain/a');
        return story;
      },
      found: { lost: ['plain/a: is in no collection at the end'] },
    },
    'a job in two collections': {
      story: () => {
        const story = new Story().add('a').complete('a');
        story.homes.set('plain/a', ['fc', 'r']);
        return story;
      },
      found: { lost: ['plain/a: is in 2 collections at the end: fc, r'] },
    },
    'a job of unknown outcome that was stored and does not end': {
      story: () => new Story().ask('a').store('a').answer('a', 'unknown'),
      found: { lost: ['plain/a: has not ended, and is in r'] },
    },
    'a job that failed although it does not': {
      story: () => new Story().add('a').lease('a').start('a').end('a', 'worker-1.1', { letter: 'f' }),
      found: { lost: ['plain/a: ended as "f" (no kind), not as completed'] },
    },
    'a job that stalled too often, and did not run so often': {
      story: () => new Story().add('a').over('a', { letter: 'f', kind: 'stalled' }),
      found: { lost: ['plain/a: ended as "f" (stalled), not as completed'] },
    },
    'a job that failed by one that did not': {
      story: () =>
        new Story()
          .add('a')
          .complete('a')
          .add('b', { dependsOn: ['a'] })
          .over('b', { letter: 'f', kind: 'dependency' }),
      found: { lost: ['plain/b: ended as "f" (dependency), not as completed'] },
    },
    'a job in store that was not added when the one failed with which it was': {
      story: () => {
        const story = new Story().ask('a', { fate: 'failed' }).ask('b', { heirOf: 'a' }).store('a').answer('a');
        return story.lease('a').start('a').end('a', 'worker-1.1', { letter: 'f' });
      },
      found: { lost: ['plain/a: failed, and b was not added'] },
    },
    'a time of a schedule without a job': {
      story: () => new Story().schedule('tick', 500, 900_000, 900_500, 901_500),
      found: { lost: ['the schedule tick has no job between 900500 and 901500'] },
    },
    'a schedule that never fired': {
      story: () => new Story().schedule('tick', 500),
      found: { lost: ['the schedule tick has never fired'] },
    },
    'a job that was said to be cancelled, and completed': {
      story: () => new Story().add('a').cancel('a', 'cancelled').complete('a'),
      found: { lost: ['plain/a: was cancelled, and ended as "c"'] },
    },
    'a job that ended as cancelled, and nobody asked for that': {
      story: () => new Story().add('a').over('a', { letter: 'x' }),
      found: { lost: ['plain/a: ended as "x" (no kind), not as completed'] },
    },
    'a job in store that was added although nothing failed': {
      story: () => {
        const story = new Story().ask('a').ask('b', { heirOf: 'a' }).store('a').answer('a').complete('a');
        return story.store('b').complete('b');
      },
      found: { phantom: ['plain/b: was in store with a, which has not failed'] },
    },
    'a job of a schedule before its time': {
      story: () => new Story().schedule('tick', 500, 1_800_000_000_000),
      found: { earlyStarts: ['plain/tick@1800000000000: was added 1799998999960 ms before its time'] },
    },
    'a job that nobody asked for': {
      story: () => new Story().store('a').complete('a'),
      found: { phantom: ['plain/a: was stored, and nobody asked for a'] },
    },
    'a run of a job that was never stored': {
      story: () => new Story().ask('a').lease('a').start('a').leave('a', 'back'),
      found: { phantom: ['plain/a: ran, and was never stored'] },
    },
    'a job that its producer was told is refused': {
      story: () => new Story().ask('a').store('a').answer('a', 'refused').complete('a'),
      found: { phantom: ['plain/a: a was stored, and its producer was told SOME_CODE'] },
    },
    'a job in whose place another was said to be kept': {
      story: () => new Story().add('a').ask('b').store('b').answer('b', 'kept', 'a').complete('a').complete('b'),
      found: { phantom: ['plain/b: b was stored, and its producer was told that a is kept'] },
    },
    'a job that was stored under two ids': {
      story: () => new Story().add('a').store('a-again', { n: 'a' }).complete('a').complete('a-again'),
      found: {
        phantom: ['plain/a-again: ran as a-again, and was stored as a', 'plain/a-again: a was stored 2 times'],
      },
    },
    'data that changed': {
      story: () => new Story().add('a').lease('a').start('a', 'worker-1.1', 'the data is not what was sent').end('a'),
      found: { phantom: ['plain/a: the data is not what was sent'] },
    },
    'an outcome of a run that never began': {
      story: () => new Story().add('a').lease('a').end('a', 'worker-1.1', { run: 'run-9' }),
      found: { phantom: ['plain/a: has the outcome of run-9, which never began'] },
    },
    'two ends of one job': {
      story: () => new Story().add('a').complete('a').over('a'),
      found: { doubleAccepted: ['plain/a: ended twice'] },
    },
    'two holders of one job': {
      story: () => new Story().add('a').lease('a', 'worker-2.1').complete('a'),
      found: { doubleAccepted: ['plain/a: was leased to of-worker-1.1 while of-worker-2.1 held it'] },
    },
    'a lease after the end': {
      story: () => new Story().add('a').complete('a').lease('a').leave('a', 'back'),
      found: { doubleAccepted: ['plain/a: was leased after its end'] },
    },
    'two runs that were told of success': {
      story: () => {
        const story = new Story().add('a').lease('a').start('a').tell('a', 'success').fault('kill', ['worker-1.1']);
        return story.leave('a', 'back').complete('a', 'worker-2.1');
      },
      found: {
        doubleAccepted: ['plain/a: 2 runs were told that they succeeded: run-1, run-2'],
        staleAccepted: ['plain/a: worker-1.1 was told success of run-1, which Redis has not accepted'],
      },
    },
    'two live jobs of one unique key': {
      story: () => new Story().add('a', { key: '7' }).add('b', { key: '7' }).complete('a').complete('b'),
      found: { doubleAccepted: ['plain/b: was stored while plain/a had its unique key'] },
    },
    'an end that came from a run which had lost its lease': {
      story: () => {
        const story = new Story().add('a').lease('a').start('a').fault('stop', ['worker-1.1']).leave('a', 'back');
        const late = story.run;
        return story.lease('a', 'worker-2.1').start('a', 'worker-2.1').end('a', 'worker-2.1', { run: late });
      },
      found: { staleAccepted: ['plain/a: accepted the end of run-1, while worker-2.1 held the job by 0.7'] },
    },
    'an end that came from an earlier run of the same process': {
      story: () => {
        const story = new Story().add('a').lease('a').start('a').fault('stop', ['worker-1.1']).leave('a', 'back');
        const late = story.run;
        return story.lease('a').start('a').end('a', 'worker-1.1', { run: late });
      },
      found: { staleAccepted: ['plain/a: accepted the end of run-1, which began under another lease than 0.7'] },
    },
    'an end that was accepted, and whose worker was told that it lost the job': {
      story: () => new Story().add('a').lease('a').start('a').end('a').tell('a', 'lost'),
      found: { staleAccepted: ['plain/a: worker-1.1 was told that it lost run-1, whose end Redis has accepted'] },
    },
    'a result that is not that of the job': {
      story: () => new Story().add('a').complete('a').tell('a', 'result', 'run-7', 'producer-1.1'),
      found: { staleAccepted: ['plain/a: producer-1.1 was given the result of run-7, which Redis has not accepted'] },
    },
    'a second run for which there is no reason': {
      story: () => new Story().add('a').lease('a').start('a').leave('a', 'back').complete('a', 'worker-2.1'),
      found: {
        unexplainedDuplicates: ['plain/a: ran again after run-1, from which nothing took the lease that is known of'],
      },
    },
    'a second run, when another process was killed': {
      story: () => {
        const story = new Story().add('a').lease('a').start('a').fault('kill', ['worker-2.1']);
        return story.leave('a', 'back').complete('a', 'worker-1.1');
      },
      found: {
        unexplainedDuplicates: ['plain/a: ran again after run-1, from which nothing took the lease that is known of'],
      },
    },
    'a second run, when nothing happened that could cost a lease': {
      story: () => {
        const story = new Story().add('a').lease('a').start('a').fault('block', ['worker-1.1'], false);
        return story.leave('a', 'back').complete('a', 'worker-2.1');
      },
      found: {
        unexplainedDuplicates: ['plain/a: ran again after run-1, from which nothing took the lease that is known of'],
      },
    },
    'a second run long after a fault': {
      story: () => {
        const story = new Story().fault('kill', 'all').pass(2_001).add('a').lease('a').start('a');
        return story.leave('a', 'back').complete('a', 'worker-2.1');
      },
      found: {
        unexplainedDuplicates: ['plain/a: ran again after run-1, from which nothing took the lease that is known of'],
      },
    },
    'a run without a lease': {
      story: () => new Story().add('a').complete('a').start('a', 'worker-2.1'),
      found: { unexplainedDuplicates: ['plain/a: worker-2.1 started run-2 without a lease of its own'] },
    },
    'two runs under one lease': {
      story: () => new Story().add('a').lease('a').start('a').start('a').end('a', 'worker-1.1', { run: 'run-1' }),
      found: { unexplainedDuplicates: ['plain/a: worker-1.1 started run-2 without a lease of its own'] },
    },
    'a job that runs before it is due': {
      story: () => new Story().add('a', { delayMs: 1_000 }).complete('a'),
      found: {
        earlyStarts: ['plain/a: was leased 980 ms before it was due', 'plain/a: was started 970 ms before it was due'],
      },
    },
    'a retry before its time': {
      story: () => {
        const story = new Story().add('a').lease('a').start('a');
        story.leave('a', 'retry', 'worker-1.1', { run: story.run, dueAt: story.now + 100 });
        return story.complete('a');
      },
      found: { earlyStarts: ['plain/a: was leased 80 ms before it was due'] },
    },
    'a job that runs before one on which it depends has completed': {
      story: () =>
        new Story()
          .add('a')
          .add('b', { dependsOn: ['a'] })
          .complete('b')
          .complete('a'),
      found: { earlyStarts: ['plain/b: was leased before a had completed'] },
    },
    'more jobs of a group at once than may run': {
      story: () => {
        const story = new Story();
        for (const id of ['a', 'b', 'c']) story.add(id, { group: 'g' }).lease(id).start(id);
        return story.end('a', 'worker-1.1', { run: 'run-1' }).end('b', 'worker-1.1', { run: 'run-2' }).end('c');
      },
      found: { earlyStarts: ['plain/c: was leased beyond the limit of the group g, which is 2'] },
    },
    'two jobs of a group of which one may run at a time': {
      story: () => {
        const story = new Story().add('a', { group: 'row-1' }).add('b', { group: 'row-1' }).lease('a').start('a');
        return story.lease('b').start('b').end('a', 'worker-1.1', { run: 'run-1' }).end('b');
      },
      found: {
        earlyStarts: ['plain/b: was leased beyond the limit of the group row-1, which is 1'],
        outOfOrder: ['plain/b: was leased before plain/a, which is before it in row-1'],
      },
    },
    'a job that takes the turn of one that was added before it': {
      story: () => {
        const story = new Story();
        for (const id of ['a', 'b', 'c']) story.add(id, { group: 'row-1' });
        return story.complete('a').complete('c').complete('b');
      },
      found: { outOfOrder: ['plain/c: was leased before plain/b, which is before it in row-1'] },
    },
    'a job that takes the turn of one which came back from a worker that died': {
      story: () => {
        const story = new Story().add('a', { group: 'row-1' }).add('b', { group: 'row-1' }).lease('a').start('a');
        return story.fault('kill', ['worker-1.1']).leave('a', 'back').complete('b').complete('a', 'worker-2.1');
      },
      found: { outOfOrder: ['plain/b: was leased before plain/a, which is before it in row-1'] },
    },
    'a place in a group that is kept while its job is back': {
      story: () => {
        const story = new Story().add('a', { group: 'g' }).lease('a').start('a').fault('kill', ['worker-1.1']);
        return story.keep('a', 'back').complete('a', 'worker-2.1');
      },
      found: { holdsLeft: ['plain/a: was held no more, and kept its place in the group g'] },
    },
    'a job that is held and has no place in its group': {
      story: () => {
        const story = new Story().add('a', { group: 'g' }).lease('a').place('a', 'displaced').start('a');
        return story.end('a');
      },
      found: { holdsLeft: ['plain/a: was held without a place in the group g'] },
    },
    'more of a resource in use than there is': {
      story: () => {
        const story = new Story(QUEUES.narrow).add('a', { gpus: 2 }).add('b', { gpus: 2 }).lease('a').start('a');
        return story.lease('b').start('b').end('b').end('a', 'worker-1.1', { run: 'run-1' });
      },
      found: { earlyStarts: ['narrow/b: was leased beyond the limit of the resource, which is 3'] },
    },
    'something that is held when all is over': {
      story: () => {
        const story = new Story();
        story.leftovers.push('plain: h:abc is left');
        return story;
      },
      found: { holdsLeft: ['plain: h:abc is left'] },
    },
  };

  it.each(Object.entries(bad))('finds %s', (_, { story, found }) => {
    expect(findings(story())).toEqual(found);
  });

  it('has seen each of its verdicts fire', () => {
    const fired = new Set(Object.values(bad).flatMap(({ found }) => Object.keys(found)));
    expect([...fired].sort()).toEqual([...VERDICTS].sort());
  });

  it('shows all that is known of a job with what was found about it', () => {
    const [found] = judge(new Story().add('a').lease('a').start('a').evidence).verdict.lost;
    expect(found?.history.join('\n')).toMatch(/stored.*\n.*leased.*\n.*worker-1\.1 start run-1/);
  });
});
