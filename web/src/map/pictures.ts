import type { Bits } from "../state/bits.ts";
import type { Box } from "./camera.ts";
import type { Places } from "./places.ts";

/**
 * Rows whose pictures, `side` wide in map coordinates, cover none of each other.
 *
 * Those in `first` take their places before all others; `has` says who has a picture.
 */
export function spread(
  { x, y }: Places, box: Box, shown: Bits, first: Bits, side: number, most: number, has: (row: number) => boolean,
): number[] {
  const columns = Math.ceil(65536 / side) + 3;
  const standing = new Map<number, number>();
  const found: number[] = [];
  const cellOf = (row: number): number => (Math.floor(y[row] / side) + 1) * columns + Math.floor(x[row] / side) + 1;
  const covers = (row: number): boolean => {
    const cell = cellOf(row);
    for (const line of [cell - columns, cell, cell + columns])
      for (const near of [line - 1, line, line + 1]) {
        const other = standing.get(near);
        if (other !== undefined && Math.abs(x[other] - x[row]) < side && Math.abs(y[other] - y[row]) < side) return true;
      }
    return false;
  };
  for (const wanted of first.count ? [true, false] : [false])
    for (let row = 0; row < x.length && found.length < most; row++) {
      if (x[row] < box.left || x[row] > box.right || y[row] < box.bottom || y[row] > box.top) continue;
      if (first.has(row) !== wanted || !shown.has(row) || standing.has(cellOf(row)) || !has(row) || covers(row)) continue;
      standing.set(cellOf(row), row);
      found.push(row);
    }
  return found;
}
