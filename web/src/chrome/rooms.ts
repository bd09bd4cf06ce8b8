/** The panels around the map, and which of them are open. */
export type Room = "network" | "findings" | "diagnosis" | "sample" | "selection" | "place";
export type Side = "left" | "right";

export const ROOMS: readonly { readonly id: Room; readonly label: string; readonly side: Side }[] = [
  { id: "network", label: "Network", side: "left" },
  { id: "findings", label: "Findings", side: "left" },
  { id: "diagnosis", label: "Diagnosis", side: "left" },
  { id: "sample", label: "Sample", side: "right" },
  { id: "selection", label: "Table", side: "right" },
  { id: "place", label: "New", side: "right" },
];

/** Their order where all share one panel: the sample that was clicked comes first. */
export const ONE_PANEL: readonly Room[] = ["sample", "network", "findings", "selection", "place", "diagnosis"];

export interface Open {
  readonly left: Room;
  readonly right: Room;
  /** The one opened last, which a single panel shows. */
  readonly last: Room;
}

export const OPEN: Open = { left: "network", right: "sample", last: "sample" };

export function sideOf(room: Room): Side {
  return ROOMS.find((one) => one.id === room)!.side;
}

export function opened(open: Open, room: Room): Open {
  return { ...open, [sideOf(room)]: room, last: room };
}

/** For a link: "findings.sample.findings"; empty where nothing was changed. */
export function roomsToText(open: Open): string {
  const text = [open.left, open.right, open.last].join(".");
  return text === [OPEN.left, OPEN.right, OPEN.last].join(".") ? "" : text;
}

export function roomsFromText(text: string): Open {
  const known = (room: string | undefined): room is Room => ROOMS.some((one) => one.id === room);
  const [left, right, last] = text.split(".");
  return {
    left: known(left) && sideOf(left) === "left" ? left : OPEN.left,
    right: known(right) && sideOf(right) === "right" ? right : OPEN.right,
    last: known(last) ? last : OPEN.last,
  };
}

export type Layout = "narrow" | "medium" | "wide";

/** How many panels have room beside the map. */
export function layoutOf(width: number): Layout {
  if (width < 760) return "narrow";
  return width < 1140 ? "medium" : "wide";
}
