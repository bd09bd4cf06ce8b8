import type { TableColumn } from "../parts/table.ts";
import { counted, percent } from "../parts/words.ts";
import type { Cell } from "./confusion.ts";

/** How one class fares. */
export interface ClassRow {
  readonly label: number;
  readonly samples: number;
  /** Share of its samples that are predicted right; NaN where it has none. */
  readonly right: number;
  /** Share of the samples taken for it that are of it; NaN where none is. */
  readonly trusted: number;
  /** The class that most of its others are taken for, -1 where none is. */
  readonly rival: number;
}

/** A row for each class, from how often each is taken for which. */
export function classRows(pairs: readonly Cell[], classes: number): ClassRow[] {
  const samples = new Float64Array(classes);
  const taken = new Float64Array(classes);
  const right = new Float64Array(classes);
  const rivals = new Map<number, Cell>();
  for (const pair of pairs) {
    if (!(pair.label >= 0)) continue;
    samples[pair.label] += pair.count;
    taken[pair.predicted] += pair.count;
    if (pair.label === pair.predicted) right[pair.label] += pair.count;
    else if (pair.count > (rivals.get(pair.label)?.count ?? 0)) rivals.set(pair.label, pair);
  }
  return Array.from({ length: classes }, (_, label) => ({
    label,
    samples: samples[label],
    right: right[label] / samples[label],
    trusted: right[label] / taken[label],
    rival: rivals.get(label)?.predicted ?? -1,
  }));
}

/** These rows as a table shows and sorts them. */
export function classColumns(rows: readonly ClassRow[], name: (label: number) => string): TableColumn[] {
  const rival = (row: number) => (rows[row].rival < 0 ? "" : name(rows[row].rival));
  const share = (key: "right" | "trusted", title: string): TableColumn => ({
    name: key, title, numeric: true, text: (row) => percent(rows[row][key]), value: (row) => rows[row][key],
  });
  return [
    { name: "label", title: "Class", numeric: false, text: (row) => name(rows[row].label), value: (row) => name(rows[row].label) },
    share("right", "Recall"),
    share("trusted", "Precision"),
    { name: "samples", title: "Samples", numeric: true, text: (row) => counted(rows[row].samples), value: (row) => rows[row].samples },
    { name: "rival", title: "Most taken for", numeric: false, text: rival, value: rival },
  ];
}
