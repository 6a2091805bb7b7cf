import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 9;

/**
 * A fresh random name for a lane or an epoch: nine letters and digits, 53 bits. Drawn when the lane or epoch begins,
 * never at import: a snapshot of a process, started twice, must not have two owners of one name.
 */
export function mintNonce(): string {
  let nonce = '';
  while (nonce.length < LENGTH) {
    for (const byte of randomBytes(LENGTH + 3)) {
      // 248 = 4 · 62: bytes above would make some letters likelier than others.
      if (byte < 248 && nonce.length < LENGTH) nonce += ALPHABET.charAt(byte % 62);
    }
  }
  return nonce;
}
