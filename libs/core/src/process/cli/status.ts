import { isAlive, readPidFile } from '../pid-file.js';
import { askStatus, socketOf, type ProcessStatus } from '../status-socket.js';

/** As init scripts have it: runs, does not run, does not run though its pid file is there, does not answer. */
const EXIT = Object.freeze({ runs: 0, dead: 1, stopped: 3, unknown: 4 });

/** Says how the process of a pid file is, in its own words. Gives the exit code. */
export async function status(pidFile: string, isJson: boolean): Promise<number> {
  const named = readPidFile(pidFile);
  if (named === undefined) return say(isJson, { state: 'stopped' }, 'It does not run.', EXIT.stopped);
  const { pid } = named;
  if (!isAlive(named)) {
    return say(
      isJson,
      { state: 'dead', pid },
      `It does not run: process ${pid}, which ${pidFile} names, has died.`,
      EXIT.dead,
    );
  }
  const told = await askStatus(socketOf(pidFile));
  if (told === undefined) {
    return say(isJson, { state: 'unknown', pid }, `Process ${pid} lives and does not answer.`, EXIT.unknown);
  }
  return say(isJson, { state: 'running', ...told }, lines(told).join('\n'), EXIT.runs);
}

function say(isJson: boolean, object: object, text: string, code: number): number {
  console.log(isJson ? JSON.stringify(object) : text);
  return code;
}

function lines({ pid, uptimeMs, rssMb, health, processes }: ProcessStatus, indent = ''): string[] {
  const own = `${indent}Process ${pid} has run for ${Math.round(uptimeMs / 1_000)} s and has ${rssMb} MiB in memory.`;
  const said = health === undefined ? [] : [health].flat().flatMap((one) => ofHealth(one, `${indent}  `));
  return [own, ...said, ...(processes ?? []).flatMap((one) => lines(one, `${indent}  `))];
}

interface Health {
  readonly state?: string;
  readonly queues?: readonly { queue: string; running: number; buffered: number; zombies: number }[];
}

function ofHealth(health: unknown, indent: string): string[] {
  const { state, queues } = Object(health) as Health;
  if (state === undefined || queues === undefined) return [`${indent}${JSON.stringify(health)}`];
  const ofQueues = queues.map(({ queue, running, buffered, zombies }) => {
    return `${indent}  ${queue}: ${running} running, ${buffered} taken ahead${zombies === 0 ? '' : `, ${zombies} zombies`}`;
  });
  return [`${indent}Its worker is ${state}.`, ...ofQueues];
}
