import type { Bits } from "../state/bits.ts";
import type { Places } from "./places.ts";

const CELLS = 256;
const SHIFT = 8;

/** Rows by the cell of a grid that they lie in, to find those near a place without asking all. */
export class Grid {
  private readonly starts = new Uint32Array(CELLS * CELLS + 1);
  private readonly rows: Uint32Array;

  constructor(private readonly places: Places) {
    const { x, y } = places;
    this.rows = new Uint32Array(x.length);
    for (let row = 0; row < x.length; row++) this.starts[cell(x[row], y[row]) + 1]++;
    for (let i = 0; i < CELLS * CELLS; i++) this.starts[i + 1] += this.starts[i];
    const next = this.starts.slice();
    for (let row = 0; row < x.length; row++) this.rows[next[cell(x[row], y[row])]++] = row;
  }

  /** The shown row nearest to a place, at most `radius` away; -1 where there is none. */
  nearest(x: number, y: number, radius: number, shown: Bits): number {
    let found = -1;
    let least = radius * radius;
    this.visit(x - radius, x + radius, y - radius, y + radius, (row) => {
      const distance = (this.places.x[row] - x) ** 2 + (this.places.y[row] - y) ** 2;
      if (distance <= least && shown.has(row)) [found, least] = [row, distance];
      return true;
    });
    return found;
  }

  /** Shown rows within a box, up to `most` of them; null where there are more. */
  within(left: number, right: number, bottom: number, top: number, shown: Bits, most: number): number[] | null {
    const found: number[] = [];
    const { x, y } = this.places;
    const all = this.visit(left, right, bottom, top, (row) => {
      if (x[row] >= left && x[row] <= right && y[row] >= bottom && y[row] <= top && shown.has(row)) found.push(row);
      return found.length <= most;
    });
    return all ? found : null;
  }

  private visit(left: number, right: number, bottom: number, top: number, see: (row: number) => boolean): boolean {
    const [first, last] = [line(left), line(right)];
    for (let j = line(bottom); j <= line(top); j++)
      for (let i = this.starts[j * CELLS + first]; i < this.starts[j * CELLS + last + 1]; i++)
        if (!see(this.rows[i])) return false;
    return true;
  }
}

function line(value: number): number {
  return Math.min(Math.max(Math.floor(value), 0), 65535) >>> SHIFT;
}

function cell(x: number, y: number): number {
  return (y >>> SHIFT) * CELLS + (x >>> SHIFT);
}
