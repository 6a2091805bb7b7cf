/** The command line of Millrace as a function, for who puts it into one of their own. */
export { EXIT_CODES, runCli, type CliSurroundings } from './run-cli.js';
