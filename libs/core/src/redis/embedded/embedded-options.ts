/** A Redis of our own, for development and tests. */
export interface EmbeddedOptions {
  /**
   * Where its data lies between runs. Connections with one directory share one server, also across processes.
   * @default MILLRACE_EMBEDDED_DIR, else node_modules/.cache/millrace of the workspace (millrace-test with NODE_ENV=test)
   */
  readonly dir?: string | undefined;
}
