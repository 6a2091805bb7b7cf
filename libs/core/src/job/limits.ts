/** Bounds that several parts of the vocabulary share. */

/** The longest delay that is accepted anywhere: ten years (leap days included), in ms. */
export const MAX_DELAY_MS = 3_653 * 24 * 60 * 60 * 1_000;

/** The latest moment that `runAt` may name: the end of the year 9999, in ms since 1970. */
export const MAX_RUN_AT_MS = 253_402_300_799_999;

/** Priorities run from −1000 to 1000; higher runs first. */
export const MAX_PRIORITY = 1_000;

/** Results are bounded as payloads are. */
export const MAX_RESULT_BYTES = 1_048_576;
