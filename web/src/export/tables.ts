import type { Frame } from "../source/frame.ts";
import type { Explorer } from "../state/explorer.svelte.ts";
import type { TableColumn } from "../parts/table.ts";
import type { Room } from "../chrome/rooms.ts";
import { sampleColumns } from "../selection/columns.ts";

export interface SavedTable {
  readonly columns: readonly TableColumn[];
  readonly rows: ArrayLike<number>;
}

/** What a room shows, as a table. */
export async function tableOf(explorer: Explorer, room: Room): Promise<SavedTable> {
  const { study, view } = explorer;
  switch (room) {
    case "network":
      return view.unit === null ? ofRecords(study.layers) : ofFrame(explorer, await explorer.resources.table(`units/${view.layer}`));
    case "findings":
      return ofRecords(study.findings);
    case "diagnosis":
      return ofFrame(explorer, await explorer.resources.table("confusion"));
    case "place":
      return ofRecords(explorer.placed?.places ?? []);
    case "sample":
      return { columns: sampleColumns(explorer), rows: focused(explorer) };
    case "selection": {
      const rows = explorer.selection.count ? explorer.selection : explorer.shown;
      return { columns: sampleColumns(explorer), rows: rows.rows() };
    }
  }
}

function focused(explorer: Explorer): number[] {
  return [explorer.view.sample, explorer.view.compared].flatMap((id) => (id === null ? [] : [explorer.rowOf(id)]));
}

function ofRecords(records: readonly object[]): SavedTable {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const columns = names.map((name): TableColumn => {
    const value = (row: number) => plain((records[row] as Record<string, unknown>)[name]);
    return { name, title: name, numeric: false, value, text: (row) => String(value(row)) };
  });
  return { columns, rows: records.map((_, row) => row) };
}

function ofFrame(explorer: Explorer, frame: Frame): SavedTable {
  const columns = frame.names.map((name): TableColumn => {
    const classes = explorer.namesOf(name);
    const value = (row: number) => {
      const cell = cellOf(frame, name, row);
      return classes[Number(cell)] ?? cell;
    };
    return { name, title: name, numeric: false, value, text: (row) => String(value(row)) };
  });
  return { columns, rows: Array.from({ length: frame.rows }, (_, row) => row) };
}

function cellOf(frame: Frame, name: string, row: number): number | string {
  const column = frame.column(name);
  switch (column?.kind) {
    case "numbers":
      return Number(column.values[row]);
    case "categories":
      return column.names[column.codes[row]] ?? "";
    case "texts":
      return column.text(row);
    case "lists":
      return column.list(row).join(" ");
    default:
      return "";
  }
}

function plain(value: unknown): number | string {
  if (typeof value === "number") return value;
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.join(" ") : String(value);
}
