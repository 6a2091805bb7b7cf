import { maskUrl } from '../../errors/mask-url.js';
import { clip } from '../../errors/show-value.js';

interface FailureParts {
  readonly code?: unknown;
  readonly errors?: readonly { readonly code?: unknown }[];
  readonly lastNodeError?: Error;
}

const MAX_REASON = 200;

/** What clients and servers say at length, or in words of the protocol, as whoever wrote the URL understands it. */
const IN_PLAIN_WORDS: readonly (readonly [said: RegExp, reason: string])[] = [
  [/^NOAUTH\b/, 'NOAUTH: it asks for a password, and none was given'],
  [/Unknown RESP type|as reply type byte/, 'what answers there is no Redis'],
];

const UNTRUSTED = 'its certificate is signed by nobody who is trusted here';

/** What Node finds wrong with the certificate of a server: trying again does not mend it. */
const OF_CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** The one failure behind an error: a Cluster wraps the last one of its nodes. */
export function rootFailure(error: Error): Error {
  return (error as FailureParts).lastNodeError ?? error;
}

/** In what way reaching Redis failed, short: `ECONNREFUSED`, `WRONGPASS invalid username-password pair …`. */
export function failureReason(error: Error): string {
  const root = rootFailure(error);
  const { code, errors } = root as FailureParts;
  // Several addresses of one host failed: Node wraps their errors and leaves the message empty.
  const systemCode = code ?? errors?.[0]?.code;
  if (typeof systemCode === 'string') {
    const meaning = Object.hasOwn(OF_CERTIFICATES, systemCode) ? OF_CERTIFICATES[systemCode] : undefined;
    return meaning === undefined ? systemCode : `${systemCode}: ${meaning}`;
  }
  const known = IN_PLAIN_WORDS.find(([said]) => said.test(root.message));
  return known?.[1] ?? clip(maskUrl(root.message.replace('. Please report this.', '')), MAX_REASON);
}

/** Whether the certificate of a server was not accepted. */
export function isCertificateFailure(error: Error): boolean {
  const { code } = rootFailure(error) as FailureParts;
  return typeof code === 'string' && Object.hasOwn(OF_CERTIFICATES, code);
}
