import { rawCommand } from '../../support/redis-client.ts';

/** Counts the commands that a Redis has run since the count began, those of its scripts included. */
export class CommandCount {
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
  }

  /** Begins to count, from zero. */
  static async start(url: string): Promise<CommandCount> {
    const port = Number(new URL(url).port);
    await rawCommand(port, ['CONFIG', 'RESETSTAT']);
    return new CommandCount(port);
  }

  /** How often a command was run: `evalsha`, `script|load`, `xread`. */
  async of(command: string): Promise<number> {
    return (await this.all()).get(command) ?? 0;
  }

  /** Calls from clients that run scripts, however they do it. */
  async ofScripts(): Promise<number> {
    const all = await this.all();
    return ['eval', 'evalsha', 'eval_ro', 'evalsha_ro'].reduce((sum, name) => sum + (all.get(name) ?? 0), 0);
  }

  /** All commands by name; those of the counting itself are not among them. */
  async all(): Promise<Map<string, number>> {
    const stats = await rawCommand(this.#port, ['INFO', 'commandstats']);
    const counts = [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(
      ([, name = '', calls]) => [name, Number(calls)] as const,
    );
    return new Map(counts.filter(([name]) => !['info', 'config|resetstat'].includes(name)));
  }
}
