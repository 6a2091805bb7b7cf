/** `npm run model`: random commands on the Lua core and on a model of it; `--defects`: whether the model finds seeded ones. */
import { Redis } from 'ioredis';

import { RedisServer } from '../../support/redis-server.js';
import { DEFECTS } from '../defects/defects.js';
import type { Hunted } from '../defects/hunt.js';
import { huntAll } from '../defects/hunters.js';
import { readArguments, type Arguments } from './arguments.js';
import { Coverage } from './coverage.js';
import { search, type Verdict } from './property.js';

const SHOWN_CALLS = 60;

async function main(): Promise<number> {
  const args = readArguments(process.argv.slice(2), Date.now() % 1_000_000_000);
  if (args.isDefects) return defects(args);
  const server = await RedisServer.start();
  const redis = new Redis(server.url);
  try {
    return await model(redis, args);
  } finally {
    await redis.quit();
    await server.stop();
  }
}

async function model(redis: Redis, args: Arguments): Promise<number> {
  console.log(`seed ${args.seed}, ${args.runs} runs of up to ${args.length} commands`);
  const coverage = new Coverage();
  const begun = Date.now();
  let runs = 0;
  const onRun = (): void => {
    runs += 1;
    if (runs % 100 === 0)
      console.log(`${runs} runs, ${Math.round((Date.now() - begun) / 1000)} s: ${coverage.summary()}`);
  };
  const verdict = await search(redis, new Map(), coverage, { ...args, onRun });
  if (verdict.hasFailed) {
    console.error(failure(args, verdict));
    return 1;
  }
  console.log(`${verdict.runs} runs, ${Math.round((Date.now() - begun) / 1000)} s: ${coverage.summary()}`);
  return 0;
}

async function defects({ seed, length, seconds, only }: Arguments): Promise<number> {
  console.log(`seed ${seed}`);
  const wanted = DEFECTS.filter(({ name }) => only === undefined || name.includes(only));
  const begun = Date.now();
  const onHunted = ({ name, isKilled, runs, calls, how }: Hunted): void => {
    console.log(isKilled ? `killed  ${name}\n        in run ${runs}, command ${calls}: ${how}` : `ALIVE   ${name}`);
  };
  const killed = await huntAll(wanted, { seed, length, limitMs: seconds * 1_000, onHunted });
  console.log(`${killed} of ${wanted.length}, ${Math.round((Date.now() - begun) / 1000)} s`);
  return killed === wanted.length && wanted.length > 0 ? 0 : 1;
}

function failure(args: Arguments, { message, log, sequence, path, replay }: Verdict): string {
  return [
    message,
    '',
    'The sequence, as short as it could be made:',
    sequence.replaceAll(/,(?=\w+ [{\d-])/g, ',\n'),
    '',
    'Its calls:',
    ...log.slice(-SHOWN_CALLS),
    '',
    `Again: npm run model -- --seed ${args.seed} --length ${args.length} --path "${path}" --replay "${replay}"`,
  ].join('\n');
}

process.exitCode = await main();
