import { expect, test } from "vitest";
import { fitted, kept, onMap, onScreen, zoomed } from "../src/map/camera.ts";
import { sought } from "../src/map/classes.ts";
import { codeOf, type Colouring, rangeOf, setOff, UNKNOWN } from "../src/map/colouring.ts";
import { countsOf } from "../src/map/bins.ts";
import { inLasso } from "../src/map/lasso.ts";
import { middlesOf } from "../src/map/middles.ts";
import { nearest, within } from "../src/map/near.ts";
import { nextOf, orderOf, sampleOf, shuffled } from "../src/map/order.ts";
import { spread } from "../src/map/pictures.ts";
import type { Places } from "../src/map/places.ts";
import { Bits } from "../src/state/bits.ts";

function scattered(n: number): Places {
  const at = shuffled(2 * n);
  const spread = (i: number): number => (at[i] * 65535) / (2 * n);
  const x = Uint16Array.from({ length: n }, (_, i) => spread(i));
  const y = Uint16Array.from({ length: n }, (_, i) => spread(n + i));
  return { x, y, trust: new Uint8Array(n), box: { left: 0, right: 65535, bottom: 0, top: 65535 }, bounds: null };
}

test("any beginning of the order is a sample without repetition", () => {
  const order = shuffled(1000);
  expect(new Set(order).size).toBe(1000);
  const first = order.subarray(0, 200);
  const mean = first.reduce((sum, row) => sum + row, 0) / 200;
  expect(Math.abs(mean - 499.5)).toBeLessThan(75);
  expect(shuffled(1000)).toEqual(order);
});

test("hidden rows are not drawn, and selected ones come last", () => {
  const shown = Bits.where(100, (row) => row % 2 === 0);
  const selection = Bits.where(100, (row) => row < 10);
  const { rows, plain } = orderOf(shuffled(100), shown, selection);
  expect([...rows].sort((a, b) => a - b)).toEqual([...shown]);
  expect([...rows.subarray(plain)].sort((a, b) => a - b)).toEqual([0, 2, 4, 6, 8]);
});

test.each([1, 7, 60, 100, 1000])("a sample of %i points keeps to its budget and to both parts", (budget) => {
  const order = orderOf(shuffled(100), Bits.where(100, () => true), Bits.where(100, (row) => row < 30));
  const drawn = sampleOf(order, budget);
  expect(drawn.reduce((sum, piece) => sum + piece.count, 0)).toBe(Math.min(budget, 100));
  if (budget > 1) expect(drawn.map((piece) => piece.selected)).toEqual([false, true]);
});

test("pieces at rest add up to everything, once", () => {
  const order = orderOf(shuffled(100), Bits.where(100, () => true), Bits.where(100, (row) => row < 30));
  const seen: number[] = [];
  for (let drawn = 0; drawn < 100; drawn += 33)
    for (const { start, count, selected } of nextOf(order, drawn, 33)) {
      seen.push(...order.rows.subarray(start, start + count));
      expect(selected).toBe(start >= order.plain);
    }
  expect(seen).toEqual([...order.rows]);
});

test("a lasso holds what angles say lies within it", () => {
  const places = scattered(500);
  const corners = [10000, 8000, 60000, 20000, 30000, 30000, 50000, 60000, 8000, 50000];
  const found = inLasso(places.x, places.y, corners);
  const turns = (px: number, py: number): number => {
    let sum = 0;
    for (let i = 0; i < corners.length; i += 2) {
      const j = (i + 2) % corners.length;
      const a = Math.atan2(corners[i + 1] - py, corners[i] - px);
      const b = Math.atan2(corners[j + 1] - py, corners[j] - px);
      sum += Math.atan2(Math.sin(b - a), Math.cos(b - a));
    }
    return Math.abs(sum);
  };
  const naive = Bits.where(500, (row) => turns(places.x[row], places.y[row]) > 3);
  expect(naive.count).toBeGreaterThan(50);
  expect(found.equals(naive)).toBe(true);
});

test("the nearest shown row is the one that sorting finds", () => {
  const places = scattered(400);
  const shown = Bits.where(400, (row) => row % 3 > 0);
  const far = (row: number): number => Math.hypot(places.x[row] - 30000, places.y[row] - 20000);
  const best = [...shown].sort((a, b) => far(a) - far(b))[0];
  expect(nearest(places, 30000, 20000, 1e5, shown)).toBe(best);
  expect(nearest(places, 30000, 20000, far(best) - 1, shown)).toBe(-1);
  const box = { left: 0, right: 30000, bottom: 0, top: 30000 };
  expect(within(places, box, shown, 400)).toEqual([...shown].filter((row) => places.x[row] <= 30000 && places.y[row] <= 30000));
  expect(within(places, box, shown, 3)).toBeNull();
});

test("what is under the pointer stays there while zooming", () => {
  const camera = fitted({ left: 0, right: 65535, bottom: 10000, top: 50000 }, 800, 500);
  const before = onMap(camera, 800, 500, 130, 420);
  const after = zoomed(camera, 800, 500, 3, 130, 420);
  expect(onScreen(after, 800, 500, ...before).map(Math.round)).toEqual([130, 420]);
  expect(kept({ x: -9, y: 1e6, scale: 1 }, { left: 0, right: 5, bottom: 0, top: 7 })).toEqual({ x: 0, y: 7, scale: 1 });
});

test("the fitted map lies within the view", () => {
  const box = { left: 100, right: 60000, bottom: 0, top: 65535 };
  const camera = fitted(box, 360, 300);
  const [left, bottom] = onScreen(camera, 360, 300, box.left, box.bottom);
  const [right, top] = onScreen(camera, 360, 300, box.right, box.top);
  expect(Math.min(left, top)).toBeGreaterThan(0);
  expect(right).toBeLessThan(360);
  expect(bottom).toBeLessThan(300);
});

test("few values far outside do not take the colours of the others", () => {
  const values = Float32Array.from({ length: 2000 }, (_, i) => (i < 4 ? 1e6 : i / 2000));
  const [low, high] = rangeOf(values);
  expect(low).toBeLessThan(0.02);
  expect(high).toBeLessThanOrEqual(1);
  expect(rangeOf(Float32Array.of(NaN, NaN))).toEqual([0, 1]);
  const [one, more] = rangeOf(Float32Array.of(2, 2));
  expect(more).toBeGreaterThan(one);
});

test("codes of classes repeat as their colours do and leave room for what is not known", () => {
  expect([0, 19, 20, 139, 140, 260].map(codeOf)).toEqual([0, 19, 20, 139, 20, 20]);
  expect([-1, NaN].map(codeOf)).toEqual([UNKNOWN, UNKNOWN]);
});


test.each([700, 4000, 30_000])("pictures %i wide cover no other's, and none that has room is left out", (side) => {
  const places = scattered(400);
  const box = { left: 9000, right: 60_000, bottom: 0, top: 50_000 };
  const shown = Bits.where(400, (row) => row % 3 > 0);
  const first = Bits.where(400, (row) => row >= 350);
  const has = (row: number): boolean => row % 5 > 0;
  const cover = (a: number, b: number): boolean =>
    Math.abs(places.x[a] - places.x[b]) < side && Math.abs(places.y[a] - places.y[b]) < side;
  const could = within(places, box, shown, 400)!.filter(has);
  const naive: number[] = [];
  for (const row of [...could.filter((one) => first.has(one)), ...could.filter((one) => !first.has(one))])
    if (!naive.some((other) => cover(row, other))) naive.push(row);
  const found = spread(places, box, shown, first, side, 400, has);
  expect(found).toEqual(naive);
  expect(spread(places, box, shown, first, side, 3, has)).toEqual(naive.slice(0, 3));
});

test("few even values have a bin each, so that none stays empty between two that are full", () => {
  const fifteenths = Float32Array.from({ length: 64 }, (_, row) => Math.round((255 * (row % 16)) / 15) / 255);
  expect(countsOf(fifteenths, 0, 1)).toEqual(new Array(16).fill(4));
});

test("every finite value is counted once, also beyond the ends", () => {
  const values = Float32Array.of(-5, 0, 0.013, 0.5, 0.5, 0.731, 1, 9, NaN);
  const counts = countsOf(values, 0, 1);
  expect(counts.reduce((sum, one) => sum + one, 0)).toBe(8);
  expect([counts[0], counts.at(-1)]).toEqual([3, 2]);
});

test("each class has the middle and the spread of its rows, unlabelled ones none", () => {
  const places = scattered(300);
  const labels = Int16Array.from({ length: 300 }, (_, row) => (row % 4) - 1);
  const rows = Uint32Array.from({ length: 200 }, (_, i) => i);
  const middles = middlesOf(places, labels, rows);
  expect(middles.map(({ label }) => label).sort()).toEqual([0, 1, 2]);
  for (const { label, x, y, spread } of middles) {
    const own = [...rows].filter((row) => labels[row] === label);
    const below = (values: Uint16Array, at: number): number => own.filter((row) => values[row] < at).length;
    expect(below(places.x, x)).toBe(own.length >> 1);
    expect(below(places.y, y)).toBe(own.length >> 1);
    const near = (share: number): number =>
      Math.min(...[places.x, places.y].map((values, i) => own.filter((row) => Math.abs(values[row] - [x, y][i]) <= share * 65535).length));
    expect(near(spread)).toBeGreaterThan(own.length / 2);
    expect(near(spread * 0.9)).toBeLessThanOrEqual(own.length / 2);
  }
});

test("a class that is pointed at keeps its colour, all others are grey", () => {
  const labels = Int16Array.of(3, 143, 23, -1);
  const codes = Uint8Array.from(labels, codeOf);
  const colouring = { kind: "classes", codes, labels, palette: new Uint8Array(1024) } as unknown as Colouring & { kind: "classes" };
  expect([...setOff(colouring, 23).codes]).toEqual([UNKNOWN, UNKNOWN, 23, UNKNOWN]);
  expect([...setOff(colouring, 143).codes]).toEqual([UNKNOWN, 23, UNKNOWN, UNKNOWN]);
});

test("a class is found by a part of its name, and keeps its number", () => {
  const keys = ["Tiger shark", "cat", "tiger"].map((name) => ({ name }));
  expect(sought(keys, " TIGER ").few.map(({ label }) => label)).toEqual([0, 2]);
  expect(sought(keys, "", 3, new Set(["tiger"])).few.map(({ label }) => label)).toEqual([2, 0, 1]);
  expect(sought(keys, "", 2)).toMatchObject({ few: [{ label: 0 }, { label: 1 }], more: 1 });
});
