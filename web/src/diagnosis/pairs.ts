import { Bits } from "../state/bits.ts";
import type { Explorer } from "../state/explorer.svelte.ts";

/** Selects the samples of a label, or those of them taken for one class; the first comes into focus. */
export function selectPair(explorer: Explorer, wanted: number, taken?: number): void {
  const [label, predicted] = ["label", "predicted"].map((column) => explorer.samples.numbers(column));
  const split = explorer.samples.column("split");
  const own = split?.kind === "categories" ? split.names.indexOf(explorer.study.data.split) : -1;
  const counts = (row: number): boolean => own < 0 || split?.kind !== "categories" || split.codes[row] === own;
  const isOne = (row: number): boolean => label[row] === wanted && (taken === undefined || predicted[row] === taken);
  const chosen = Bits.where(explorer.samples.rows, (row) => isOne(row) && counts(row));
  explorer.select(chosen);
  for (const row of chosen) return explorer.focus(explorer.idOf(row));
}
