import type { Numbers } from "../source/frame.ts";

const MOST = 32;

/** How many values fall into each of equal bins from `low` to `high`; what lies beyond counts at the ends. */
export function countsOf(values: Numbers, low: number, high: number): number[] {
  const bins = binsOf(values, low, high);
  const counts = new Array<number>(bins).fill(0);
  const scale = bins / (high - low);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Number.isFinite(value)) counts[Math.min(Math.max(Math.floor((value - low) * scale + 1e-6), 0), bins - 1)]++;
  }
  return counts;
}

/** As many bins as there are steps between few even values, so that none stays empty for want of a value. */
function binsOf(values: Numbers, low: number, high: number): number {
  const found = new Set<number>();
  for (let row = 0; row < values.length && found.size <= MOST; row++) if (Number.isFinite(values[row])) found.add(values[row]);
  if (found.size < 2 || found.size > MOST) return MOST;
  const sorted = [...found].sort((one, other) => one - other);
  const step = Math.min(...sorted.slice(1).map((value, at) => value - sorted[at]));
  return Math.min(Math.max(Math.round((high - low) / step) + 1, 2), MOST);
}
