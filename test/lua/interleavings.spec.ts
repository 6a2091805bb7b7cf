import { describe, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import * as ends from './support/races/ends.js';
import * as holders from './support/races/holders.js';
import { interleave, ROUNDS, SEED } from './support/races/interleave.js';
import * as limits from './support/races/limits.js';
import * as queues from './support/races/queues.js';

const queue = luaQueue({ slot: 's' });

describe(`in ${ROUNDS} orders of the calls of clients, one in five of them sent again (MILLRACE_RACE_SEED=${SEED})`, () => {
  it.each([
    ['eight workers that want the last jobs get each once [case:X1]', ends.lastJobs],
    [
      'an end that meets the end of its lease counts once, or the job runs again once [case:X2] [case:C20]',
      ends.endOrSweep,
    ],
    ['a renewal that comes late brings nothing to life [case:X3]', ends.lateRenewal],
    ['a job that is cancelled while it runs stays so, whatever its worker says [case:X4]', ends.cancelOrEnd],
    ['a job that is taken away and put elsewhere refuses its former owner [case:X5]', ends.takenAway],
    ['a job that two retry at once runs once for each that counted [case:X6]', ends.retriedTwice],
    ['a job that is removed leaves nothing, whatever its worker says [case:X7]', ends.removed],
    [
      'a job that is added while what it waits for ends, all at once, runs once, after all of it [case:X8] [case:X9]',
      holders.lastParent,
    ],
    [
      'a job that is added while what it waits for comes to nothing does what it was told [case:X10]',
      holders.parentEnds,
    ],
    ['a unique key is held by one live job, and by nobody when all is over [case:X11]', holders.oneKey],
    ['a schedule that many fire adds one job for each time [case:X12]', queues.manyFire],
    [
      'a schedule that is taken away while its job runs, fails and is retried stays away [case:X13]',
      queues.scheduleGoes,
    ],
    ['a queue that is paused gives nothing, whatever falls due [case:X14]', queues.paused],
    ['a rate is kept while it is used up and lowered [case:X15]', limits.rate],
    ['a limit is kept while it is lowered below what runs and a worker vanishes [case:X16]', limits.limit],
    ['a group runs one at a time and in order, whoever vanishes [case:X17]', limits.group],
    ['a queue that is drained keeps what comes later, and nothing of the rest [case:X18]', queues.drained],
    ['a job that is past its retention is there as a whole or not at all [case:X19]', queues.trimmed],
    ['a job that is promoted twice and changes its priority runs once [case:X21] [case:X22]', holders.promoted],
  ])('%s', (_, race) => interleave(race, queue()), 60_000 + 200 * ROUNDS);
});
