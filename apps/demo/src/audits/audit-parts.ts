/**
 * Packages of a part. A job may wait for a thousand others, the result of a part stays small enough to be kept for the
 * report (64 KiB), and no command keeps Redis busy for long.
 */
export const PART = 50;

/** How many parts an audit of so many packages has. */
export function partsOf(packages: number): number {
  return Math.ceil(packages / PART);
}
