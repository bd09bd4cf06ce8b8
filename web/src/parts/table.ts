/** A column of a table as a reader sees it, and as it is sorted. */
export interface TableColumn {
  readonly name: string;
  readonly title: string;
  readonly numeric: boolean;
  /** Numbers that stand for names: sorted as numbers, set and saved as words. */
  readonly named?: boolean;
  text(row: number): string;
  value(row: number): number | string;
}

export interface Sorting {
  readonly column: string;
  readonly down: boolean;
}

/** Rows in the order of a column, unknown numbers last; equal ones stay in order. */
export function sortedRows(rows: ArrayLike<number>, columns: readonly TableColumn[], sorting: Sorting | null): Int32Array {
  const order = Int32Array.from(rows);
  const column = columns.find((one) => one.name === sorting?.column);
  if (!column || !sorting) return order;
  const sign = sorting.down ? -1 : 1;
  if (!column.numeric) return order.sort((a, b) => sign * String(column.value(a)).localeCompare(String(column.value(b))) || a - b);
  const number = (row: number) => Number(column.value(row));
  return order.sort((a, b) => {
    const [one, other] = [number(a), number(b)];
    if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other)) || a - b;
    return sign * (one - other) || a - b;
  });
}

/** The rows that a window of a long list shows, and a few on either side. */
export function windowOf(top: number, height: number, rowHeight: number, rows: number, spare = 6) {
  const from = Math.max(0, Math.floor(top / rowHeight) - spare);
  const to = Math.min(rows, Math.ceil((top + height) / rowHeight) + spare);
  return { from: Math.min(from, to), to };
}
