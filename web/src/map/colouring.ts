import { type Colour, classColour, colourOf, COLOURS, DISTINCT, hexOf, signedColour, valueColour } from "../design/palette.ts";
import type { Numbers } from "../source/frame.ts";
import type { Explorer } from "../state/explorer.svelte.ts";
import type { Colours } from "./renderer.ts";

/** The code of points whose value is not known. */
export const UNKNOWN = 255;
const LEVELS = 255;
const GREY: Colour = [140, 143, 148];

/** What the map is coloured by, and the key to it. */
export type Colouring = Colours & {
  readonly title: string;
  /** In words, why there are no colours; "" where there are. */
  readonly missing: string;
} & (
    | { readonly kind: "classes"; readonly column: string; readonly classes: readonly ClassKey[]; readonly labels: Numbers }
    | { readonly kind: "values"; readonly column: string; readonly low: number; readonly high: number; readonly values: Numbers; readonly ramp: readonly string[] }
  );

export interface ClassKey {
  readonly name: string;
  readonly colour: string;
  readonly count: number;
}

/** Wrong predictions in the colour that stands out, also to colour-blind eyes. */
const RIGHT_OR_WRONG = ["#e76300", "#7fa8c9"].map(colourOf);

/** Colours by a column of `samples`, or by "right" or "trust". */
export function colouringOf(explorer: Explorer, name: string, trust: Uint8Array | null): Colouring {
  const column = explorer.column(name);
  if (name === "right" && column?.kind === "categories") return byRight(column.codes);
  if (name === "trust" && !column) return byTrust(explorer.samples.rows, trust);
  if (column?.kind === "categories") return byClasses(titleOf(name), name, column.codes, column.names, classColour);
  const names = explorer.namesOf(name);
  if (column?.kind === "numbers" && names.length) return byClasses(titleOf(name), name, column.values, names, classColour);
  if (column?.kind === "numbers") return byValues(titleOf(name), name, column.values);
  return byValues(titleOf(name), name, new Float32Array(explorer.samples.rows).fill(NaN), "This door has no such column.");
}

/** Colours by a unit's activation, one value a row. */
export function byUnit(unit: number, layer: string, values: Float32Array, missing = ""): Colouring {
  return byValues(`Unit ${unit} of ${layer}`, "unit", values, missing);
}

/** A column's name as the reader sees it. */
export function titleOf(name: string): string {
  const known = new Map([
    ["right", "Right or wrong"],
    ["predicted", "Prediction"],
    ["flip_distance", "Distance to a boundary"],
    ["suspected_label", "Suspected label"],
    ["trust", "Trust of place"],
    ["unit", "Unit's activation"],
  ]);
  const plain = name.replaceAll("_", " ");
  return known.get(name) ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** The colours with all classes but one in grey: where there are very many, a colour does not say which it is. */
export function setOff(colouring: Colouring & { readonly kind: "classes" }, label: number): Colours {
  const { codes, labels, palette } = colouring;
  return { palette, codes: codes.map((code, row) => (labels[row] === label ? code : UNKNOWN)) };
}

/** A code for a label: colours repeat, so that 255 codes are enough for any number of classes. */
export function codeOf(label: number): number {
  if (!(label >= 0)) return UNKNOWN;
  return label < DISTINCT ? label : DISTINCT + ((label - DISTINCT) % (COLOURS - DISTINCT));
}

/** Lowest and highest value to tell apart: what few values lie far outside shares the end's colour. */
export function rangeOf(values: Numbers): [number, number] {
  const step = Math.max(1, Math.floor(values.length / 20_000));
  const some: number[] = [];
  for (let row = 0; row < values.length; row += step) if (Number.isFinite(values[row])) some.push(values[row]);
  if (!some.length) return [0, 1];
  const sorted = Float64Array.from(some).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = [at(0.005), at(0.995)];
  return high > low ? [low, high] : [sorted[0], Math.max(sorted[sorted.length - 1], sorted[0] + 1e-9)];
}

function byClasses(title: string, column: string, labels: Numbers, names: readonly string[], colour: (label: number) => Colour): Colouring {
  const codes = new Uint8Array(labels.length);
  const counts = new Uint32Array(names.length);
  for (let row = 0; row < labels.length; row++) {
    codes[row] = codeOf(labels[row]);
    if (labels[row] >= 0) counts[labels[row]]++;
  }
  const classes = names.map((name, label) => ({ name, colour: hexOf(colour(label)), count: counts[label] }));
  return { kind: "classes", title, column, classes, labels, codes, palette: paletteOf(COLOURS, colour), missing: "" };
}

function byRight(codes: Numbers): Colouring {
  return byClasses(titleOf("right"), "right", codes, ["wrong", "right"], (code) => RIGHT_OR_WRONG[code] ?? GREY);
}

function byTrust(rows: number, trust: Uint8Array | null): Colouring {
  if (!trust) return byValues(titleOf("trust"), "trust", new Float32Array(rows).fill(NaN), "This layer has no map to trust.");
  return byValues(titleOf("trust"), "trust", Float32Array.from(trust, (value) => value / 255), "", [0, 1]);
}

function byValues(title: string, column: string, values: Numbers, missing = "", range = rangeOf(values)): Colouring {
  const [low, high] = range;
  const codes = new Uint8Array(values.length);
  const scale = (LEVELS - 1) / (high - low);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    codes[row] = Number.isFinite(value) ? Math.min(Math.max((value - low) * scale, 0), LEVELS - 1) : UNKNOWN;
  }
  const colour = low < 0 && high > 0 && Math.min(-low, high) > 0.2 * Math.max(-low, high)
    ? (share: number): Colour => signedColour((low + share * (high - low)) / Math.max(-low, high))
    : valueColour;
  const palette = paletteOf(LEVELS, (level) => colour(level / (LEVELS - 1)));
  const ramp = Array.from({ length: 12 }, (_, i) => hexOf(colour(i / 11)));
  return { kind: "values", title, column, low, high, values, ramp, codes, palette, missing };
}

function paletteOf(size: number, colour: (code: number) => Colour): Uint8Array<ArrayBuffer> {
  const palette = new Uint8Array(4 * 256);
  for (let code = 0; code < 256; code++) palette.set([...(code < size ? colour(code) : GREY), 255], 4 * code);
  return palette;
}
