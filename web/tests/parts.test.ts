import { describe, expect, test } from "vitest";
import { csvOf } from "../src/export/csv.ts";
import { placeOfTile } from "../src/parts/atlas.ts";
import { pixelsOf, ranked, scaleOf, slicesOf, strongestChannel } from "../src/parts/raster.ts";
import { columnsOf, keyTarget } from "../src/parts/roving.ts";
import { sortedRows, type TableColumn, windowOf } from "../src/parts/table.ts";
import { className, distinctNames, figure, isolated, percent, shaped, shortened } from "../src/parts/words.ts";

const column = (name: string, values: readonly (number | string)[]): TableColumn => ({
  name,
  title: name,
  numeric: typeof values[0] === "number",
  value: (row) => values[row],
  text: (row) => String(values[row]),
});

describe("words", () => {
  test("numbers read as a reader meets them", () => {
    expect([figure(-0.00012), figure(1234.5), figure(NaN), figure(null)]).toEqual(["−1.20e−4", "1230", "–", "–"]);
    expect([percent(0.955), percent(undefined)]).toEqual(["95.5%", "–"]);
    expect([shaped([32, 8, 8]), shaped("(64,)")]).toEqual(["32 × 8 × 8", "64"]);
  });

  test("long names keep their ends and lose line breaks", () => {
    expect(shortened("a very long name\nof a class 17", 14)).toBe("a very l…ss 17");
    expect(shortened("a\u202Eb")).toBe("a b");
  });
});

describe("names of classes", () => {
  test("cannot put the words around them in another order", () => {
    expect(isolated("cat")).toBe("cat");
    expect(isolated("عنكبوت")).toBe("\u2068عنكبوت\u2069");
    expect(isolated("a\u202Eb\u2069")).toBe("a b ");
    expect(className(["תרנגול"], 0)).toBe("\u2068תרנגול\u2069");
    expect(["a", "\u202Eb", "\u2069\u202Eשלום"].map(isolated).join("").match(/[\u202a-\u202e\u2066\u2067]/)).toBeNull();
  });

  test("that several share are told apart by number", () => {
    const names = ["crane", "ox", "crane"];
    expect(distinctNames(names)).toEqual(["crane (class 0)", "ox", "crane (class 2)"]);
    expect(distinctNames(["a", "b"])).toEqual(["a", "b"]);
    expect(names[0]).toBe("crane");
  });
});

describe("raster", () => {
  test("finds the value at a place as sorting does, also among ties", () => {
    for (const length of [1, 2, 5, 400]) {
      const values = Float32Array.from({ length }, (_, index) => (index * 7919) % 13);
      const sorted = values.slice().sort();
      for (let place = 0; place < length; place += 1) expect(ranked(values.slice(), place)).toBe(sorted[place]);
    }
  });

  test("leaves out what is no number", () => {
    expect(scaleOf([NaN, 3, Infinity, 1, 2])).toEqual({ low: 1, high: 3 });
    expect(scaleOf([NaN])).toEqual({ low: 0, high: 1 });
  });

  test("one outlier hides nothing, and what lies beyond the scale is clipped", () => {
    const values = Float32Array.from({ length: 1001 }, (_, index) => (index === 1000 ? 1e9 : index));
    const scale = scaleOf(values);
    expect(scale.high).toBeLessThan(1000);
    expect([...pixelsOf(values, 1000, 1, scale)]).toEqual([255, 255, 255, 255]);
  });

  test("slices are the last two sizes of any tensor", () => {
    expect(slicesOf({ shape: [4, 3, 5, 6], values: new Float32Array(360) })).toEqual({ count: 12, height: 5, width: 6 });
    expect(slicesOf({ shape: [7], values: new Float32Array(7) })).toEqual({ count: 1, height: 1, width: 7 });
  });

  test("a filter is shown by its strongest channel", () => {
    expect(strongestChannel({ shape: [1, 3, 1, 1], values: Float32Array.of(1, -5, 2) }, 0)).toBe(1);
  });
});

describe("moving by keys", () => {
  test("arrows stay within the things that are there", () => {
    expect(keyTarget("ArrowDown", 1, 6, 4)).toBe(5);
    expect(keyTarget("ArrowDown", 3, 6, 4)).toBeNull();
    expect(keyTarget("End", 0, 6)).toBe(5);
    expect(keyTarget("a", 0, 6)).toBeNull();
  });

  test("a row ends where the next thing stands lower", () => {
    expect(columnsOf([0, 0, 0, 20, 20])).toBe(3);
    expect(columnsOf([0])).toBe(1);
  });
});

describe("tables", () => {
  test("unknown numbers come last both ways, and equal ones stay in order", () => {
    const columns = [column("loss", [2, NaN, 1, 2])];
    expect([...sortedRows([0, 1, 2, 3], columns, { column: "loss", down: true })]).toEqual([0, 3, 2, 1]);
    expect([...sortedRows([0, 1, 2, 3], columns, { column: "loss", down: false })]).toEqual([2, 0, 3, 1]);
  });

  test("only rows in sight are made", () => {
    expect(windowOf(28_000, 280, 28, 1_000_000)).toEqual({ from: 994, to: 1016 });
    expect(windowOf(0, 280, 28, 3)).toEqual({ from: 0, to: 3 });
  });

  test("a saved table quotes what would break it, and runs no formula", () => {
    const columns = [column("name", ['a "b"', "=HYPERLINK(1)", "two\nlines"]), column("loss", [-1, NaN, 0.5])];
    expect(csvOf(columns, [0, 1, 2])).toBe('name,loss\r\n"a ""b""",-1\r\n\'=HYPERLINK(1),\r\n"two\nlines",0.5\r\n');
  });
});

test("a tile is found in its atlas, by number or by the list of ids", () => {
  const thumbnails = { count: 10, size: 8, columns: 3, rows_per_atlas: 2, atlases: 2, ids: null };
  expect(placeOfTile(thumbnails, 7)).toEqual({ atlas: 1, left: 8, top: 0, size: 8 });
  expect(placeOfTile({ ...thumbnails, ids: [40, 2, 99] }, 99)).toEqual({ atlas: 0, left: 16, top: 0, size: 8 });
  expect(placeOfTile(thumbnails, 10)).toBeNull();
});
