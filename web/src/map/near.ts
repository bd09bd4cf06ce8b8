import type { Bits } from "../state/bits.ts";
import type { Box } from "./camera.ts";
import type { Places } from "./places.ts";

// A look at a million places takes a few milliseconds, which is less than keeping an index of them would.

/** The shown row nearest to a place, at most `radius` away; -1 where there is none. */
export function nearest({ x, y }: Places, px: number, py: number, radius: number, shown: Bits): number {
  let found = -1;
  let least = radius * radius;
  for (let row = 0; row < x.length; row++) {
    const dx = x[row] - px;
    if (dx > radius || dx < -radius) continue;
    const dy = y[row] - py;
    const distance = dx * dx + dy * dy;
    if (distance > least || !shown.has(row)) continue;
    found = row;
    least = distance;
  }
  return found;
}

/** Shown rows within a box; null where they are more than `most`. */
export function within({ x, y }: Places, box: Box, shown: Bits, most: number): number[] | null {
  const found: number[] = [];
  for (let row = 0; row < x.length; row++) {
    if (x[row] < box.left || x[row] > box.right || y[row] < box.bottom || y[row] > box.top || !shown.has(row)) continue;
    if (found.length === most) return null;
    found.push(row);
  }
  return found;
}
