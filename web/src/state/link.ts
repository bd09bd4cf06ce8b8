import { type Filter, type Lasso, START, type ViewState } from "./view.ts";

/** What a link says: the view, and the selection as ids or as the lasso that made it. */
export interface Linked {
  readonly view: ViewState;
  readonly ids: readonly number[];
  readonly lasso: Lasso | null;
}

// Longer addresses are cut by mail programs and chats.
const LONGEST_SELECTION = 1_500;
const MARK = "view";

/** The view as an address' hash, without "#": "view&layer=3&method=umap&...". */
export function toLink(view: ViewState, ids: Iterable<number>, lasso: Lasso | null): string {
  const said = new URLSearchParams();
  for (const key of ["method", "colour", "search", "marks", "theme", "rooms"] as const)
    if (view[key] !== START[key]) said.set(key, view[key]);
  if (view.layer !== START.layer) said.set("layer", String(view.layer));
  for (const key of ["sample", "compared", "unit", "finding"] as const)
    if (view[key] !== null) said.set(key, String(view[key]));
  for (const filter of view.filters) said.append("filter", filterText(filter));
  const runs = runsOf(ids, LONGEST_SELECTION);
  if (runs) said.set("selection", runs);
  else if (runs === null && lasso)
    said.set("lasso", [lasso.layer, encodeURIComponent(lasso.method), ...lasso.corners.map(Math.round)].join("."));
  const text = said.toString();
  return text ? `${MARK}&${text}` : MARK;
}

/** Reads such a hash; null where it is none of ours, and whatever is damaged in it is left out. */
export function fromLink(hash: string): Linked | null {
  const text = hash.replace(/^#/, "");
  if (text !== MARK && !text.startsWith(`${MARK}&`)) return null;
  const said = new URLSearchParams(text.slice(MARK.length + 1));
  const theme = said.get("theme");
  const view: ViewState = {
    layer: whole(said.get("layer")) ?? START.layer,
    method: said.get("method") ?? START.method,
    colour: said.get("colour") ?? START.colour,
    sample: whole(said.get("sample")),
    compared: whole(said.get("compared")),
    unit: whole(said.get("unit")),
    finding: whole(said.get("finding")),
    search: said.get("search") ?? START.search,
    filters: said.getAll("filter").flatMap(filterOf),
    marks: said.get("marks") === "images" ? "images" : START.marks,
    theme: theme === "light" || theme === "dark" ? theme : "auto",
    rooms: said.get("rooms") ?? START.rooms,
  };
  return { view, ids: idsOf(said.get("selection") ?? ""), lasso: lassoOf(said.get("lasso") ?? "") };
}

/** "3,7-9" for 3, 7, 8, 9; null where that is longer than `longest` characters. */
export function runsOf(ids: Iterable<number>, longest: number): string | null {
  const parts: string[] = [];
  let length = 0;
  let first = -1;
  let last = -2;
  const close = (): boolean => {
    if (first < 0) return true;
    const part = first === last ? `${first}` : `${first}-${last}`;
    parts.push(part);
    length += part.length + 1;
    return length <= longest;
  };
  for (const id of ids) {
    if (id !== last + 1) {
      if (!close()) return null;
      first = id;
    }
    last = id;
  }
  return close() ? parts.join(",") : null;
}

function idsOf(runs: string): number[] {
  const ids: number[] = [];
  for (const run of runs.split(",")) {
    const [, first, last] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(run) ?? [];
    if (first === undefined) continue;
    const end = Math.min(Number(last ?? first), Number(first) + 10_000_000);
    for (let id = Number(first); id <= end; id++) ids.push(id);
  }
  return ids;
}

function lassoOf(text: string): Lasso | null {
  const [layer, method, ...corners] = text.split(".");
  const numbers = corners.map(Number);
  if (numbers.length < 6 || numbers.length % 2 || numbers.some((n) => !Number.isFinite(n))) return null;
  const row = whole(layer);
  return row === null ? null : { layer: row, method: decodeURIComponent(method), corners: numbers };
}

function filterText(filter: Filter): string {
  const what = "values" in filter ? filter.values.map(encodeURIComponent).join("|") : `${filter.low}..${filter.high}`;
  return `${encodeURIComponent(filter.column)}:${what}`;
}

function filterOf(text: string): Filter[] {
  try {
    const [column, what] = text.split(":");
    if (what === undefined) return [];
    const name = decodeURIComponent(column);
    const range = /^(-?[\d.e+-]+|-?Infinity)\.\.(-?[\d.e+-]+|Infinity)$/.exec(what);
    if (!range) return [{ column: name, values: what.split("|").map(decodeURIComponent) }];
    const [low, high] = [Number(range[1]), Number(range[2])];
    return Number.isNaN(low) || Number.isNaN(high) ? [] : [{ column: name, low, high }];
  } catch {
    return [];
  }
}

function whole(text: string | null | undefined): number | null {
  return text && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
