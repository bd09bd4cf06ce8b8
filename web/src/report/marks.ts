import type { Explorer } from "../state/explorer.svelte.ts";
import { opened, type Room, roomsFromText, roomsToText } from "../chrome/rooms.ts";

/** What of the Study a part of the report shows, as its `data-` attributes say. */
export interface Mark {
  readonly sample: number | null;
  /** The layer's name. */
  readonly layer: string | null;
  readonly method: string | null;
  readonly unit: number | null;
  readonly finding: number | null;
}

export const MARKED = "[data-sample], [data-layer], [data-finding]";

export function markOf(data: Readonly<Record<string, string | undefined>>): Mark {
  const number = (text: string | undefined): number | null => (text && /^\d{1,9}$/.test(text) ? Number(text) : null);
  return {
    sample: number(data.sample),
    layer: data.layer ?? null,
    method: data.method ?? null,
    unit: number(data.unit),
    finding: number(data.finding),
  };
}

/** Whether this file holds what the mark names. */
export function leadsSomewhere(explorer: Explorer, mark: Mark): boolean {
  if (mark.finding !== null) return mark.finding < explorer.study.findings.length;
  if (mark.sample !== null && explorer.rowOf(mark.sample) < 0) return false;
  if (mark.layer !== null && layerOf(explorer, mark.layer) < 0) return false;
  return mark.sample !== null || mark.layer !== null;
}

/** Takes every view to what a part of the report shows. */
export function goToMark(explorer: Explorer, mark: Mark): void {
  const room = roomOf(mark);
  if (room) explorer.view.rooms = roomsToText(opened(roomsFromText(explorer.view.rooms), room));
  if (mark.finding !== null) return explorer.showFinding(mark.finding);
  if (mark.layer !== null) {
    const layer = layerOf(explorer, mark.layer);
    explorer.goTo(layer);
    if (mark.method && explorer.methodsOf(layer).includes(mark.method)) explorer.view.method = mark.method;
    if (mark.unit !== null) explorer.showUnit(mark.unit);
  }
  if (mark.sample !== null) explorer.focus(mark.sample);
}

/** Whether the explorer shows now what the mark names: in focus, compared or selected. */
export function isInView(explorer: Explorer, mark: Mark): boolean {
  const { view } = explorer;
  if (mark.finding !== null) return view.finding === mark.finding;
  if (mark.layer !== null && layerOf(explorer, mark.layer) !== view.layer) return false;
  if (mark.method !== null && mark.method !== view.method) return false;
  if (mark.unit !== null && mark.unit !== view.unit) return false;
  if (mark.sample === null) return true;
  const row = explorer.rowOf(mark.sample);
  return mark.sample === view.sample || mark.sample === view.compared || (row >= 0 && explorer.selection.has(row));
}

function layerOf(explorer: Explorer, name: string): number {
  return explorer.study.layers.findIndex(({ layer }) => layer === name);
}

/** The panel that shows it; a map needs none. */
function roomOf(mark: Mark): Room | null {
  if (mark.finding !== null) return "findings";
  if (mark.sample !== null) return "sample";
  if (mark.unit !== null) return "network";
  return mark.layer !== null && mark.method === null ? "network" : null;
}
