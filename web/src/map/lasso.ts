import type { Numbers } from "../source/frame.ts";
import { Bits } from "../state/bits.ts";

/** Rows of a map that lie within a polygon of corners x0, y0, x1, y1, ... (even-odd rule). */
export function inLasso(x: Numbers, y: Numbers, corners: readonly number[]): Bits {
  const box = boxOf(corners);
  return Bits.where(x.length, (row) => {
    const [px, py] = [x[row], y[row]];
    if (px < box.left || px > box.right || py < box.top || py > box.bottom) return false;
    return within(px, py, corners);
  });
}

function within(px: number, py: number, corners: readonly number[]): boolean {
  let inside = false;
  const n = corners.length;
  for (let i = 0, j = n - 2; i < n; j = i, i += 2) {
    const [ax, ay, bx, by] = [corners[i], corners[i + 1], corners[j], corners[j + 1]];
    if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

function boxOf(corners: readonly number[]) {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (let i = 0; i < corners.length; i += 2) {
    box.left = Math.min(box.left, corners[i]);
    box.right = Math.max(box.right, corners[i]);
    box.top = Math.min(box.top, corners[i + 1]);
    box.bottom = Math.max(box.bottom, corners[i + 1]);
  }
  return box;
}
