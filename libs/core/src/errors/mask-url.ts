const WITH_CREDENTIALS = /([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s:@/]*):(\S*)@/gi;
const SECRET_PARAMETER = /([?&](?:password|pass|auth|token)=)[^&\s#]+/gi;

/**
 * Replaces passwords of URLs in a text by `***`. Takes a bare URL or a sentence that holds one; a password with raw
 * `/`, `@` or `#` in it (no valid URL, yet common) is masked as well.
 */
export function maskUrl(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(WITH_CREDENTIALS, '$1$2:***@').replace(SECRET_PARAMETER, '$1***');
}
