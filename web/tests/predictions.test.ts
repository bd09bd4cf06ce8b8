import { expect, test } from "vitest";
import { comparedClasses, probabilities, softmax, topClasses } from "../src/parts/predictions.ts";

test("softmax adds to one and stands large logits", () => {
  const shares = softmax([1000, 999, -1000]);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(shares[0] / shares[1]).toBeCloseTo(Math.E, 9);
});

test("what are probabilities already is left so, and what a sigmoid gave is brought to one", () => {
  expect([...probabilities([0.9, 0.1], "probabilities")]).toEqual([0.9, 0.1]);
  expect([...probabilities([0.6, 0.2], "shares")][0]).toBeCloseTo(0.75, 12);
  expect([...probabilities([0, 0], "shares")]).toEqual([0.5, 0.5]);
  expect([...probabilities([2, 0], undefined)]).toEqual([...softmax([2, 0])]);
});

test("the label is shown also where it is unlikely", () => {
  expect(topClasses([0.1, 0.5, 0.3, 0.1], 2, [3]).map((row) => row.label)).toEqual([1, 2, 3]);
  expect(topClasses([0.1, 0.9], 1, [-1]).map((row) => row.label)).toEqual([1]);
});

test("two samples are compared over what is likely for either", () => {
  expect(comparedClasses([0.9, 0.1, 0, 0], [0, 0, 0.2, 0.8], 2, [1])).toEqual([0, 3, 1]);
});
