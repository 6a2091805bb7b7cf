/** What hides secrets in log lines and in errors as they are stored. */
export { redactingLogger } from './redacting-logger.js';
export { defaultRedaction, noRedaction, Redaction, type RedactionRules } from './redaction.js';
