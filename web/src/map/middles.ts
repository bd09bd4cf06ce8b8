import type { Numbers } from "../source/frame.ts";
import type { Places } from "./places.ts";

/** Where a class lies on a map. */
export interface Middle {
  readonly label: number;
  /** The median place, of samples that are shown. */
  readonly x: number;
  readonly y: number;
  /** The median distance from there along the wider axis, as a share of the map's side. */
  readonly spread: number;
}

const SOME = 20_000;

/** The middle of each label among rows; of very many rows a sample is looked at, so that it is quick. */
export function middlesOf(places: Places, labels: Numbers, rows: Uint32Array): Middle[] {
  const members = new Map<number, number[]>();
  const step = Math.max(1, Math.floor(rows.length / SOME));
  for (let i = 0; i < rows.length; i += step) {
    const label = labels[rows[i]];
    if (!(label >= 0)) continue;
    const own = members.get(label);
    if (own) own.push(rows[i]);
    else members.set(label, [rows[i]]);
  }
  const { left, right, bottom, top } = places.box;
  const side = Math.max(right - left, top - bottom, 1);
  return [...members].map(([label, own]) => {
    const [x, y] = [medianOf(own, (row) => places.x[row]), medianOf(own, (row) => places.y[row])];
    const away = [medianOf(own, (row) => Math.abs(places.x[row] - x)), medianOf(own, (row) => Math.abs(places.y[row] - y))];
    return { label, x, y, spread: Math.max(...away) / side };
  });
}

function medianOf(rows: readonly number[], value: (row: number) => number): number {
  return rows.map(value).sort((a, b) => a - b)[rows.length >> 1];
}
