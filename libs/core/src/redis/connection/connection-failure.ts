import { AuthError, ConnectionError, InvalidOptionError, NoRedisError, type JobsError } from '../../errors/index.js';
import { failureReason, isCertificateFailure, rootFailure } from '../client/failure.js';

const REFUSED_LOGIN = /\b(WRONGPASS|NOAUTH|ERR invalid password|ERR Client sent AUTH)\b/;
const NO_DATABASE = /DB index is out of range|SELECT is not allowed in cluster mode|invalid DB index/i;
const PROTECTED = /^DENIED\b/;

/** The typed error for a failure to connect, in sentences that say what to do. */
export function connectionFailure(error: Error, description: string): JobsError {
  const root = rootFailure(error);
  const reason = failureReason(error);
  if (REFUSED_LOGIN.test(root.message)) return new AuthError(description, reason);
  if (NO_DATABASE.test(root.message)) {
    const expected = 'a database that the server has (a Cluster has only 0)';
    return new InvalidOptionError({
      where: `connect() to Redis at ${description}`,
      path: 'db',
      value: reason,
      expected,
    });
  }
  if (PROTECTED.test(root.message)) {
    return new ConnectionError(
      'AUTH',
      `Redis at ${description} is in protected mode and refuses other machines (DENIED). Set a password for it, or bind it to an address of its own.`,
    );
  }
  return new NoRedisError(description, reason);
}

/** Whether trying again cannot help: somebody has to change the settings. */
export function isFinal(error: Error): boolean {
  const { message } = rootFailure(error);
  const isRefused = REFUSED_LOGIN.test(message) || NO_DATABASE.test(message) || PROTECTED.test(message);
  return isRefused || isCertificateFailure(error);
}
