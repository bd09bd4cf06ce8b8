import type { TableColumn } from "../parts/table.ts";
import { csvCell } from "./text.ts";

/** Rows as comma-separated values (RFC 4180), numbers in full and classes by name. */
export function csvOf(columns: readonly TableColumn[], rows: ArrayLike<number>): string {
  const lines = [columns.map((column) => csvCell(column.name)).join(",")];
  for (let place = 0; place < rows.length; place += 1)
    lines.push(columns.map((column) => csvCell(valueOf(column, rows[place]))).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

function valueOf(column: TableColumn, row: number): string {
  if (column.named) return column.text(row);
  const value = column.value(row);
  if (typeof value === "number") return Number.isNaN(value) ? "" : String(value);
  return value;
}
