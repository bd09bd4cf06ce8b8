import { expect, test } from "vitest";
import { classColumns, classRows } from "../src/diagnosis/classes.ts";
import type { Cell } from "../src/diagnosis/confusion.ts";

const LABELS = [0, 0, 0, 1, 1, 3, 3, 3, 3, -1];
const TAKEN = [0, 1, 3, 1, 1, 0, 0, 1, 3, 2];

/** Pairs that occur, counted one sample after the other. */
function pairs(): Cell[] {
  const counts = new Map<string, number>();
  LABELS.forEach((label, i) => counts.set(`${label} ${TAKEN[i]}`, (counts.get(`${label} ${TAKEN[i]}`) ?? 0) + 1));
  return [...counts].map(([key, count]) => {
    const [label, predicted] = key.split(" ").map(Number);
    return { label, predicted, count, share: 0 };
  });
}

test("each class has its recall, its precision and its rival, as counting says", () => {
  const rows = classRows(pairs(), 4);
  const labelled = LABELS.map((label, i) => [label, TAKEN[i]]).filter(([label]) => label >= 0);
  for (const { label, samples, right, trusted } of rows) {
    const own = labelled.filter(([one]) => one === label);
    const taken = labelled.filter(([, one]) => one === label);
    const hits = own.filter(([, one]) => one === label).length;
    expect([samples, right, trusted]).toEqual([own.length, hits / own.length, hits / taken.length]);
  }
  expect(rows.map((row) => row.rival)).toEqual([1, -1, -1, 0]);
  const [, recall, , , rival] = classColumns(rows, (label) => `class ${label}`);
  expect([recall.text(2), rival.text(2), rival.text(3)]).toEqual(["–", "", "class 0"]);
});
