import type { Explorer } from "../state/explorer.svelte.ts";
import { Bits } from "../state/bits.ts";
import { stepThroughSelection } from "../sample/steps.ts";
import { ROOMS, type Room } from "./rooms.ts";

export interface Shortcut {
  readonly keys: string;
  readonly what: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: "[ and ]", what: "the layer before, the layer after" },
  { keys: "m", what: "the next method of the map" },
  { keys: "i", what: "images instead of points on the map, and back" },
  { keys: "n and p", what: "the next selected sample, the one before" },
  { keys: "1 to 6", what: `open ${ROOMS.map((room) => room.label).join(", ")}` },
  { keys: "Escape", what: "clear the selection, then the sample in focus" },
  { keys: "?", what: "this help" },
  { keys: "Arrows", what: "within tabs, tiles, thumbnails, tables, strips and the drawing of the network" },
  { keys: "Arrows, + − 0", what: "on the map: move it, zoom, show all of it" },
  { keys: "Enter, Space", what: "on the map: look at the sample in the middle, select it" },
  { keys: "a", what: "on the map: select all that is in sight" },
  { keys: "Shift and click or Enter", what: "set a sample beside the one in focus" },
];

export interface Doing {
  open(room: Room): void;
  help(): void;
}

/** Does what a key stands for; false where it stands for nothing. */
export function pressed(explorer: Explorer, event: KeyboardEvent, doing: Doing): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const room = ROOMS[Number(event.key) - 1];
  if (room) doing.open(room.id);
  else if (event.key === "?") doing.help();
  else if (event.key === "[") stepLayer(explorer, -1);
  else if (event.key === "]") stepLayer(explorer, 1);
  else if (event.key === "m") nextMethod(explorer);
  else if (event.key === "i") explorer.view.marks = explorer.view.marks ? "" : "images";
  else if (event.key === "n") stepThroughSelection(explorer, 1);
  else if (event.key === "p") stepThroughSelection(explorer, -1);
  else if (event.key === "Escape") letGo(explorer);
  else return false;
  return true;
}

function stepLayer(explorer: Explorer, by: number): void {
  const layer = explorer.view.layer + by;
  if (layer >= 0 && layer < explorer.study.layers.length) explorer.goTo(layer);
}

function nextMethod(explorer: Explorer): void {
  const methods = explorer.methodsOf(explorer.view.layer);
  const at = methods.indexOf(explorer.view.method);
  if (methods.length) explorer.view.method = methods[(at + 1) % methods.length];
}

function letGo(explorer: Explorer): void {
  if (explorer.selection.count) explorer.select(Bits.none(explorer.samples.rows));
  else explorer.focus(null);
}
