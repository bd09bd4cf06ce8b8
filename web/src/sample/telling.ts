import type { Frame } from "../source/frame.ts";

export interface TellingGroup {
  readonly title: string;
  readonly rows: readonly number[];
}

/** Samples worth a look before any is chosen: errors made with confidence, and the closest calls. */
export function tellingSamples(samples: Frame, count: number): TellingGroup[] {
  const values = (name: string) => {
    const column = samples.column(name);
    return column?.kind === "numbers" ? column.values : undefined;
  };
  const [label, predicted] = [values("label"), values("predicted")];
  const [confidence, margin] = [values("confidence"), values("margin")];
  const groups: TellingGroup[] = [];
  if (label && predicted && confidence) {
    const rows = best(samples.rows, count, (row) =>
      label[row] >= 0 && predicted[row] !== label[row] ? confidence[row] : -Infinity,
    );
    if (rows.length) groups.push({ title: "Errors made with most confidence", rows });
  }
  if (margin) groups.push({ title: "Closest calls", rows: best(samples.rows, count, (row) => -margin[row]) });
  if (!groups.length) {
    groups.push({ title: "The first samples", rows: Array.from({ length: Math.min(count, samples.rows) }, (_, row) => row) });
  }
  return groups;
}

/** The rows of the highest scores, highest first, in one pass over as many as a million. */
export function best(rows: number, count: number, score: (row: number) => number): number[] {
  const kept: { row: number; value: number }[] = [];
  for (let row = 0; row < rows; row += 1) {
    const value = score(row);
    if (!(value > -Infinity) || (kept.length === count && value <= kept[count - 1].value)) continue;
    const place = kept.findIndex((one) => value > one.value);
    kept.splice(place < 0 ? kept.length : place, 0, { row, value });
    if (kept.length > count) kept.pop();
  }
  return kept.map((one) => one.row);
}
