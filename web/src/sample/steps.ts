import type { Explorer } from "../state/explorer.svelte.ts";

/** The place of the sample in focus among the selected ones, from 0; -1 where it is none of them. */
export function placeInSelection(explorer: Explorer): number {
  const { sample } = explorer.view;
  const row = sample === null ? -1 : explorer.rowOf(sample);
  return row >= 0 && explorer.selection.has(row) ? explorer.selection.rows().indexOf(row) : -1;
}

/** Brings the next selected sample into focus, or the one before; after the last comes the first. */
export function stepThroughSelection(explorer: Explorer, by: 1 | -1): void {
  const rows = explorer.selection.rows();
  if (!rows.length) return;
  const at = placeInSelection(explorer);
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length;
  explorer.focus(explorer.idOf(rows[next]));
}
