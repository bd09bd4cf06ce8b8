import type { Bits } from "../state/bits.ts";

/** In which order points are drawn: a random one, so that any beginning of it is a fair sample. */
export interface Order {
  /** Rows that are not selected, then those that are; hidden rows are left out. */
  readonly rows: Uint32Array<ArrayBuffer>;
  /** How many of them are not selected. */
  readonly plain: number;
}

/** Rows 0 to n - 1, shuffled the same way every time. */
export function shuffled(n: number): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(n);
  for (let row = 0; row < n; row++) rows[row] = row;
  let state = 0x9e3779b9;
  for (let i = n - 1; i > 0; i--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const j = Math.floor(((state >>> 0) / 2 ** 32) * (i + 1));
    const row = rows[i];
    rows[i] = rows[j];
    rows[j] = row;
  }
  return rows;
}

/** The order for what is shown; among what is not selected, rows that are `striking` stand on top. */
export function orderOf(random: Uint32Array, shown: Bits, selection: Bits, striking?: (row: number) => boolean): Order {
  const rows = new Uint32Array(shown.count);
  const hasSelection = selection.count > 0;
  const last: number[] = [];
  let plain = 0;
  let chosen = rows.length;
  for (const row of random) {
    if (!shown.has(row)) continue;
    if (hasSelection && selection.has(row)) rows[--chosen] = row;
    else if (striking?.(row)) last.push(row);
    else rows[plain++] = row;
  }
  rows.set(last, plain);
  return { rows, plain: plain + last.length };
}

/** A piece of the order: `count` places from `start`. */
export interface Piece {
  readonly start: number;
  readonly count: number;
  readonly selected: boolean;
}

/** A fair sample of at most `budget` points, as up to two pieces; half of it at most is the selection's. */
export function sampleOf(order: Order, budget: number): Piece[] {
  const chosen = order.rows.length - order.plain;
  const forChosen = Math.min(chosen, Math.max(budget - order.plain, Math.floor(budget / 2)));
  return pieces(order, Math.min(order.plain, budget - forChosen), forChosen);
}

/** What is to draw next of all, when `drawn` of the order stand already. */
export function nextOf(order: Order, drawn: number, budget: number): Piece[] {
  const end = Math.min(drawn + budget, order.rows.length);
  const split = Math.min(Math.max(order.plain, drawn), end);
  return [
    { start: drawn, count: split - drawn, selected: false },
    { start: split, count: end - split, selected: true },
  ].filter((piece) => piece.count > 0);
}

function pieces(order: Order, plain: number, chosen: number): Piece[] {
  return [
    { start: 0, count: plain, selected: false },
    { start: order.plain, count: chosen, selected: true },
  ].filter((piece) => piece.count > 0);
}
