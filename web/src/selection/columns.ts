import type { Explorer } from "../state/explorer.svelte.ts";
import { titleOf } from "../map/colouring.ts";
import { figure, percent, shortened } from "../parts/words.ts";
import type { TableColumn } from "../parts/table.ts";

const SHARES = new Set(["confidence", "margin"]);
const CLASSES = new Set(["label", "predicted", "suspected_label"]);

/** Every column of the samples as the table shows and sorts it. */
export function sampleColumns(explorer: Explorer): TableColumn[] {
  const { samples } = explorer;
  return samples.names.flatMap((name): TableColumn[] => {
    const column = samples.column(name);
    const title = name === "id" ? "No." : shortened(titleOf(name), 24);
    if (!column || column.kind === "lists") return [];
    if (column.kind !== "numbers" || CLASSES.has(name)) {
      const text = (row: number) => explorer.text(name, row);
      const value = column.kind === "numbers" ? (row: number) => Number(column.values[row]) : text;
      return [{ name, title, numeric: column.kind === "numbers", named: true, text: (row) => known(column, row) ? text(row) : "", value }];
    }
    const way = name === "id" ? String : SHARES.has(name) ? (value: number) => percent(value) : figure;
    return [
      { name, title, numeric: true, text: (row) => way(Number(column.values[row])), value: (row) => Number(column.values[row]) },
    ];
  });
}

function known(column: { kind: string; values?: ArrayLike<number> }, row: number): boolean {
  return column.kind !== "numbers" || Number(column.values?.[row]) >= 0;
}
