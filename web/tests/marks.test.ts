import { describe, expect, test } from "vitest";
import { markOf } from "../src/report/marks.ts";

describe("marks of the report", () => {
  test("are the numbers and the names that an element names", () => {
    expect(markOf({ layer: "conv.3", method: "pca" })).toEqual({ layer: "conv.3", method: "pca", sample: null, unit: null, finding: null });
    expect(markOf({ sample: "0" }).sample).toBe(0);
  });

  test("are nothing where an element names no number", () => {
    for (const text of ["", "-1", "1e3", "x", "9".repeat(12)]) expect(markOf({ sample: text }).sample).toBeNull();
  });
});
