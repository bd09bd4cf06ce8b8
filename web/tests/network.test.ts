import { tableFromArrays, tableToIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { chartsOf } from "../src/diagnosis/history.ts";
import { slabsOf, widthOf } from "../src/network/drawing.ts";
import { readFrame } from "../src/source/frame.ts";
import type { Layer } from "../src/state/study.ts";

const layers: Layer[] = Array.from({ length: 20 }, (_, row) => ({
  layer: `layer ${row}`, type: row < 12 ? "Conv2d" : "Linear", parameters: 1, shape: row < 12 ? [64, 32 - row, 32 - row] : [64],
}));

test("the network fits its room from end to end, and keeps its order", () => {
  const wide = slabsOf(layers);
  const room = 0.6 * widthOf(wide);
  const slabs = slabsOf(layers, room);
  expect(widthOf(slabs)).toBeLessThanOrEqual(room + 1e-9);
  expect(widthOf(slabs)).toBeCloseTo(room);
  expect(slabsOf(layers, 2 * widthOf(wide))).toEqual(wide);
  for (let row = 1; row < slabs.length; row++)
    expect(slabs[row].left).toBeGreaterThan(slabs[row - 1].left + slabs[row - 1].width + slabs[row - 1].depth);
});

test("slabs stay wide enough to be told apart where there is no room for all", () => {
  const slabs = slabsOf(layers, 20);
  expect(widthOf(slabs)).toBeGreaterThan(20);
  expect(Math.min(...slabs.map((slab) => slab.width))).toBeGreaterThan(2);
});

test("a curve of which nothing was written down is left out", () => {
  const table = tableFromArrays({
    epoch: Int32Array.of(1, 2), train_accuracy: Float32Array.of(0.5, 0.7), val_accuracy: Float32Array.of(NaN, NaN),
    val_loss: Float32Array.of(NaN, NaN),
  });
  const charts = chartsOf(readFrame(tableToIPC(table, "stream")));
  expect(charts.map((chart) => [chart.name, chart.lines.map((line) => line.name)])).toEqual([["Accuracy", ["training accuracy"]]]);
});
