import { expect, test } from "vitest";
import { Bits } from "../src/state/bits.ts";
import { fromLink, runsOf, toLink } from "../src/state/link.ts";
import { START, type ViewState } from "../src/state/view.ts";

const full: ViewState = {
  layer: 3,
  method: "umap",
  colour: "loss & gain",
  sample: 12,
  compared: 40,
  unit: 17,
  finding: 2,
  search: "#1 <b>é",
  filters: [
    { column: "loss", low: -0.5, high: Infinity },
    { column: "a:b", values: ["x|y", "0..1", ""] },
  ],
  marks: "images",
  theme: "dark",
  rooms: "findings.sample.findings",
};

test("a link says the whole view and gives it back", () => {
  const link = toLink(full, [1, 2, 3, 9], null);
  expect(fromLink(`#${link}`)).toEqual({ view: full, ids: [1, 2, 3, 9], lasso: null });
});

test("the first view is a short link", () => {
  expect(toLink({ ...START }, [], null)).toBe("view");
  expect(fromLink("#view")?.view).toEqual(START);
});

test("other hashes are not ours", () => {
  for (const hash of ["", "#maps", "#viewer", "#layer=3"]) expect(fromLink(hash)).toBeNull();
});

test("a selection too long for a link is said by its lasso", () => {
  const scattered = Array.from({ length: 10_000 }, (_, i) => 3 * i);
  const lasso = { layer: 2, method: "tsne", corners: [0, 0, 9, 0, 9, 9] };
  expect(fromLink(toLink(full, scattered, lasso))).toMatchObject({ ids: [], lasso });
});

test("what is damaged in a link is left out", () => {
  const damaged = fromLink("#view&layer=-1&sample=x&selection=1-,a,4&filter=loss&filter=%25E0%25:1&theme=pink&marks=<b>&lasso=1.pca.0");
  expect(damaged).toEqual({ view: { ...START }, ids: [4], lasso: null });
});

test("runs are short, or null", () => {
  expect(runsOf([3, 7, 8, 9], 100)).toBe("3,7-9");
  expect(runsOf([], 100)).toBe("");
  expect(runsOf([1, 3, 5, 7], 5)).toBeNull();
});

test("bits hold what they were made of", () => {
  const rows = [0, 31, 32, 63, 64, 999];
  const bits = Bits.of(1000, rows);
  expect([...bits]).toEqual(rows);
  expect([...bits.rows()]).toEqual(rows);
  expect(bits.count).toBe(6);
  expect(bits.without(Bits.of(1000, [31])).has(31)).toBe(false);
  expect(bits.and(Bits.where(1000, (row) => row > 40)).count).toBe(3);
  expect(bits.or(Bits.of(1000, [5])).count).toBe(7);
});
