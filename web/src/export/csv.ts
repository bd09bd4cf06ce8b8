import type { TableColumn } from "../parts/table.ts";

/** Rows as comma-separated values (RFC 4180), numbers in full. */
export function csvOf(columns: readonly TableColumn[], rows: ArrayLike<number>): string {
  const lines = [columns.map((column) => cell(column.name)).join(",")];
  for (let place = 0; place < rows.length; place += 1)
    lines.push(columns.map((column) => cell(valueOf(column, rows[place]))).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

function valueOf(column: TableColumn, row: number): string {
  const value = column.value(row);
  if (typeof value === "number") return Number.isNaN(value) ? "" : String(value);
  return value;
}

// A spreadsheet takes a cell that begins so for a formula, and names come from strangers.
const FORMULA = /^[=+\-@\t\r]/;

function cell(text: string): string {
  const safe = FORMULA.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
