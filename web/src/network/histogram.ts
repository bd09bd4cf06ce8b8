/** How often values fall into each of so many equal parts of their range. */
export interface Spread {
  readonly counts: readonly number[];
  readonly low: number;
  readonly high: number;
}

export function spreadOf(values: ArrayLike<number>, parts = 32): Spread {
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high >= low)) return { counts: [], low: 0, high: 0 };
  const counts = new Array<number>(parts).fill(0);
  const length = high - low || 1;
  for (let index = 0; index < values.length; index += 1) {
    if (Number.isNaN(values[index])) continue;
    counts[Math.min(parts - 1, Math.floor(((values[index] - low) / length) * parts))] += 1;
  }
  return { counts, low, high };
}
