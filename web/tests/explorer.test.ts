import { type Table, tableFromArrays, tableToIPC } from "apache-arrow";
import { flushSync } from "svelte";
import { expect, test } from "vitest";
import { readFrame, readTensor } from "../src/source/frame.ts";
import { Resources } from "../src/source/resources.ts";
import { Absent, detailOf, inWords, type Source } from "../src/source/source.ts";
import { Bits } from "../src/state/bits.ts";
import { Explorer } from "../src/state/explorer.svelte.ts";
import { neighboursOf } from "../src/sample/neighbours.ts";
import { placeInSelection, stepThroughSelection } from "../src/sample/steps.ts";

const quality = { trustworthiness: 0.9, continuity: 0.9, neighbours_kept: 0.5, shepard: 0.8 };
export const STUDY = {
  title: "Net on shapes",
  data: { name: "shapes", split: "test", splits: ["train", "test"], class_names: ["disc", "square"], samples: 4 },
  layers: [{ layer: "pixels" }, { layer: "conv" }, { layer: "fc" }],
  maps: [
    { layer: 0, method: "pca", ...quality },
    { layer: 1, method: "pca", ...quality },
    { layer: 1, method: "umap", ...quality },
  ],
  findings: [{ kind: "k", title: "t", text: "x", figure: null, layer: "conv", layer_index: 1, severity: "note", samples: [7, 3] }],
  thumbnails: null,
};

function bytesOf(columns: Record<string, unknown>): Uint8Array<ArrayBuffer> {
  const table: Table = tableFromArrays(columns as Record<string, number[]>);
  return tableToIPC(table, "stream") as Uint8Array<ArrayBuffer>;
}

/** Four samples, of which a file holds ids 3, 5, 7 and 9. */
const FILES: Record<string, Uint8Array<ArrayBuffer>> = {
  study: new TextEncoder().encode(JSON.stringify(STUDY)),
  samples: bytesOf({
    id: Int32Array.of(3, 5, 7, 9),
    split: ["train", "test", "test", "test"],
    label: Int16Array.of(0, 1, 1, 0),
    predicted: Int16Array.of(0, 1, 0, 0),
    loss: Float32Array.of(0.1, 0.2, 3, NaN),
  }),
  "map/1/umap": bytesOf({ x: Uint16Array.of(0, 10, 20, 30), y: Uint16Array.of(0, 10, 20, 30), trust: Uint8Array.of(1, 2, 3, 4) }),
};

function source(): Source & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async get(resource) {
      asked.push(resource);
      const bytes = FILES[resource];
      if (!bytes) throw new Absent("This file left that out.");
      return bytes;
    },
  };
}

const open = (): Promise<Explorer> => Explorer.open(source());

test("a table is read with texts, numbers and their gaps", () => {
  const frame = readFrame(FILES.samples);
  expect(frame.rows).toBe(4);
  expect(frame.numbers("id")).toEqual(Int32Array.of(3, 5, 7, 9));
  expect(frame.column("split")).toMatchObject({ kind: "categories", names: ["train", "test"], codes: Int32Array.of(0, 1, 1, 1) });
  expect(frame.column("none")).toBeUndefined();
  expect(() => frame.numbers("split")).toThrow("split");
  const gaps = readFrame(bytesOf({ value: [1, null, 3] })).numbers("value");
  expect([...gaps]).toEqual([1, NaN, 3]);
});

test("a tensor of bytes is brought to its scale", () => {
  const table = tableFromArrays({ values: Uint8Array.of(0, 255, 51) });
  table.schema.metadata.set("scale", "[-1, 1]").set("shape", "[3, 1]");
  const tensor = readTensor(tableToIPC(table, "stream"));
  expect(tensor.shape).toEqual([3, 1]);
  expect([...tensor.values].map((v) => Math.round(v * 10) / 10)).toEqual([-1, 1, -0.6]);
});

test("a resource is asked for once, and again after it failed", async () => {
  const one = source();
  const resources = new Resources(one);
  await Promise.all([resources.table("samples"), resources.table("samples")]);
  await expect(resources.table("gone")).rejects.toThrow("left that out");
  await expect(resources.table("gone")).rejects.toThrow("left that out");
  expect(one.asked).toEqual(["samples", "gone", "gone"]);
});

test("what is held stays within its budget", async () => {
  const one = source();
  const resources = new Resources(one, FILES.samples.length);
  await resources.table("samples");
  await resources.table("map/1/umap");
  await resources.table("samples");
  expect(one.asked).toEqual(["samples", "map/1/umap", "samples"]);
});

test("refusals are words", () => {
  expect(detailOf(new TextEncoder().encode('{"detail": "Not kept."}'), "image/3")).toBe("Not kept.");
  expect(detailOf(new TextEncoder().encode("<html>"), "image/3")).toContain("image/3");
  expect(inWords(new TypeError("Failed to fetch"))).toContain("running");
});

test("whom a sample is near to is read of all where a file holds no table of it alone", async () => {
  FILES["nearest/1"] = bytesOf({ 0: Int32Array.of(5, 3, 9, 7), 1: Int32Array.of(7, 9, 3, 5) });
  const explorer = await open();
  expect([...(await neighboursOf(explorer, 7))]).toEqual([[1, { ids: [9, 3], distances: [] }]]);
  delete FILES["nearest/1"];
  await expect(neighboursOf(await open(), 7)).rejects.toThrow("left that out");
});

test("one goes through the selection round and round", async () => {
  const explorer = await open();
  stepThroughSelection(explorer, 1);
  expect(explorer.view.sample).toBeNull();
  explorer.selectIds([3, 7, 9]);
  const steps: (1 | -1)[] = [1, 1, 1, 1, -1, -1];
  const seen = steps.map((by) => (stepThroughSelection(explorer, by), [explorer.view.sample, placeInSelection(explorer)]));
  expect(seen).toEqual([[3, 0], [7, 1], [9, 2], [3, 0], [9, 2], [7, 1]]);
  explorer.focus(5);
  expect(placeInSelection(explorer)).toBe(-1);
});

test("ids outside, rows inside", async () => {
  const explorer = await open();
  explorer.selectIds([9, 4, 3]);
  expect([...explorer.selection]).toEqual([0, 3]);
  expect([...explorer.selectedIds()]).toEqual([3, 9]);
  expect(explorer.rowOf(4)).toBe(-1);
});

test.each([
  ["", [0, 1, 2, 3]],
  ["SQUARE", [1, 2]],
  ["7", [2]],
  ["#7", [2]],
  ["train", [0]],
  ["nothing like it", []],
])("search for %j", async (words, rows) => {
  const explorer = await open();
  explorer.view.search = words;
  flushSync();
  expect([...explorer.shown]).toEqual(rows);
});

test("samples meet every filter", async () => {
  const explorer = await open();
  const shown = (): number[] => [...explorer.shown];
  explorer.view.filters = [{ column: "loss", low: 0.15, high: Infinity }];
  expect(shown()).toEqual([1, 2]);
  explorer.view.filters = [{ column: "loss", low: 0.15, high: Infinity }, { column: "right", values: ["wrong"] }];
  expect(shown()).toEqual([2]);
  explorer.view.filters = [{ column: "label", values: ["disc"] }, { column: "no such column", values: ["x"] }];
  expect(shown()).toEqual([0, 3]);
});

test("a finding takes every view to its evidence", async () => {
  const explorer = await open();
  const told: number[][] = [];
  explorer.on("selection", (ids) => told.push([...ids]));
  explorer.showFinding(0);
  expect(explorer.view).toMatchObject({ finding: 0, layer: 1, sample: 7 });
  expect(told).toEqual([[3, 7]]);
});

test("a unit belongs to its layer", async () => {
  const explorer = await open();
  explorer.goTo(1);
  explorer.showUnit(4);
  expect(explorer.view).toMatchObject({ colour: "unit", unit: 4 });
  explorer.goTo(0);
  expect(explorer.view).toMatchObject({ colour: "label", unit: null });
});

test("a layer without the method shows what map it has", async () => {
  const explorer = await open();
  explorer.view.method = "umap";
  expect(explorer.mapOf(1)?.method).toBe("umap");
  expect(explorer.mapOf(0)?.method).toBe("pca");
  expect(explorer.mapOf(2)).toBeNull();
});

test("a link opens the same view elsewhere", async () => {
  const [one, other] = [await open(), await open()];
  one.showFinding(0);
  one.view.method = "umap";
  one.view.filters = [{ column: "label", values: ["disc"] }];
  expect(await other.follow(`#${one.link()}`)).toBe(true);
  expect({ ...other.view }).toEqual({ ...one.view });
  expect(other.selection.equals(one.selection)).toBe(true);
});

test("a link to what is not there is followed as far as it goes", async () => {
  const explorer = await open();
  expect(await explorer.follow("#view&layer=99&method=none&colour=unit&sample=4&finding=9&selection=4,5")).toBe(true);
  expect(explorer.view).toMatchObject({ layer: 0, method: "pca", colour: "label", sample: null, finding: null });
  expect([...explorer.selectedIds()]).toEqual([5]);
});

test("a lasso in a link selects again", async () => {
  const explorer = await open();
  await explorer.follow("#view&lasso=1.umap.5.5.25.5.25.25.5.25");
  expect([...explorer.selectedIds()]).toEqual([5, 7]);
  explorer.select(Bits.none(4));
  expect(explorer.lasso).toBeNull();
});
