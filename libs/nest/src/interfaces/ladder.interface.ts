/** An option as it holds, and where that was said. */
export interface EffectiveOption {
  readonly value: unknown;
  /** `library default`, `JobsModule.forRoot({ worker })`, `@OnJob() MailProcessor.digest` … */
  readonly from: string;
}

/** Options as they hold, by name. */
export type EffectiveOptions = Readonly<Record<string, EffectiveOption>>;
