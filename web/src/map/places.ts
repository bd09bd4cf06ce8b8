import type { Frame } from "../source/frame.ts";
import type { Box } from "./camera.ts";

/** Where each row of `samples` lies on a map: x, y in 0 to 65535, trust in 0 to 255. */
export interface Places {
  readonly x: Uint16Array<ArrayBuffer>;
  readonly y: Uint16Array<ArrayBuffer>;
  readonly trust: Uint8Array;
  readonly box: Box;
  /** The map's own coordinates of the corners: x0, y0, x1, y1; null where they are not said. */
  readonly bounds: readonly [number, number, number, number] | null;
}

export function placesOf(map: Frame): Places {
  const x = new Uint16Array(map.numbers("x"));
  const y = new Uint16Array(map.numbers("y"));
  const trust = map.column("trust") ? map.numbers("trust") : new Uint8Array(map.rows).fill(255);
  const bounds = map.metadata.get("bounds");
  return {
    x,
    y,
    trust: trust instanceof Uint8Array ? trust : new Uint8Array(trust),
    box: boxOf(x, y),
    bounds: bounds ? (JSON.parse(bounds) as [number, number, number, number]) : null,
  };
}

/** The places a share of the way from one map to the next. */
export function placesBetween(from: Places, to: Places, share: number): Places {
  if (share <= 0) return from;
  if (share >= 1) return to;
  const x = new Uint16Array(to.x.length);
  const y = new Uint16Array(to.y.length);
  for (let row = 0; row < x.length; row++) {
    x[row] = from.x[row] + (to.x[row] - from.x[row]) * share;
    y[row] = from.y[row] + (to.y[row] - from.y[row]) * share;
  }
  return { ...to, x, y };
}

function boxOf(x: Uint16Array, y: Uint16Array): Box {
  let [left, right, bottom, top] = [65535, 0, 65535, 0];
  for (let row = 0; row < x.length; row++) {
    if (x[row] < left) left = x[row];
    if (x[row] > right) right = x[row];
    if (y[row] < bottom) bottom = y[row];
    if (y[row] > top) top = y[row];
  }
  return right < left ? { left: 0, right: 65535, bottom: 0, top: 65535 } : { left, right, bottom, top };
}
