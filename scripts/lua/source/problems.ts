/** One fault in a Lua source: where it is, what is wrong, and what to do. */
export interface Problem {
  readonly file: string;
  /** 1-based; 0 where the fault is of the file as a whole. */
  readonly line: number;
  readonly message: string;
}

/** Collects faults, so that one run reports all of them and not only the first. */
export class Problems {
  private readonly found: Problem[] = [];

  add(file: string, line: number, message: string): void {
    this.found.push({ file, line, message });
  }

  /** Whether a fault of this line is known already: what follows from it need not be said. */
  has(file: string, line: number): boolean {
    return this.found.some((problem) => problem.file === file && problem.line === line);
  }

  /** All faults so far, by file and line. */
  list(): readonly Problem[] {
    return [...this.found].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  }

  /** @throws LuaSourceError when at least one fault was found */
  throwIfAny(): void {
    if (this.found.length > 0) throw new LuaSourceError(this.list());
  }
}

/** The sources cannot be read or composed. The message has one `file:line  sentence` a fault. */
export class LuaSourceError extends Error {
  override readonly name = 'LuaSourceError';

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
  }
}

export function formatProblem({ file, line, message }: Problem): string {
  return line > 0 ? `${file}:${line}  ${message}` : `${file}  ${message}`;
}
