const NUMBER = new Intl.NumberFormat('en');
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `12345` → `12,345`. */
export function count(value: number): string {
  return NUMBER.format(value);
}

/** `1536` → `1.5 kB`; three digits at most, thousands as in the units of disks. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `plural(1, 'package')` → `1 package`, `plural(2, 'package')` → `2 packages`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
