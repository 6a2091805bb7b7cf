/** Packages of a part. A job may wait for a thousand others, and one command should not keep Redis busy for long. */
export const PART = 100;

/** How many parts an audit of so many packages has. */
export function partsOf(packages: number): number {
  return Math.ceil(packages / PART);
}
