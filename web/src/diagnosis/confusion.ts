import type { Frame } from "../source/frame.ts";

export interface Cell {
  readonly label: number;
  readonly predicted: number;
  readonly count: number;
  /** Of all samples of this label. */
  readonly share: number;
}

export interface Matrix {
  /** A row a label, a cell a prediction. Empty where there are too many classes to hold. */
  readonly cells: readonly (readonly Cell[])[];
  readonly pairs: readonly Cell[];
}

const LARGEST = 200;

/** Counts of label and prediction that occur, each with its share of the label's samples. */
export function pairsOf(frame: Frame): Cell[] {
  const [labels, predictions, counts] = ["label", "predicted", "count"].map((name) => frame.numbers(name));
  const totals = new Map<number, number>();
  for (let row = 0; row < frame.rows; row += 1) totals.set(labels[row], (totals.get(labels[row]) ?? 0) + counts[row]);
  return Array.from({ length: frame.rows }, (_, row) => ({
    label: labels[row],
    predicted: predictions[row],
    count: counts[row],
    share: counts[row] / (totals.get(labels[row]) || 1),
  }));
}

/** The same as a matrix. */
export function cellsOf(frame: Frame, classes: number): Matrix {
  const pairs = pairsOf(frame);
  if (classes > LARGEST) return { cells: [], pairs };
  const cells = Array.from({ length: classes }, (_, label) =>
    Array.from({ length: classes }, (_, predicted): Cell => ({ label, predicted, count: 0, share: 0 })),
  );
  for (const pair of pairs) if (cells[pair.label]?.[pair.predicted]) cells[pair.label][pair.predicted] = pair;
  return { cells, pairs };
}

/** The most frequent confusions: labels that were taken for another. */
export function confusionsOf(matrix: Matrix): Cell[] {
  const wrong = matrix.pairs.filter((pair) => pair.label !== pair.predicted && pair.label >= 0);
  return wrong.sort((one, other) => other.count - one.count || other.share - one.share);
}
