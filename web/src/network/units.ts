import type { Frame } from "../source/frame.ts";
import type { TableColumn } from "../parts/table.ts";
import { className, figure, percent } from "../parts/words.ts";

/** The columns of the units' table that are there, each with how it is written and sorted. */
export function unitColumns(frame: Frame, classNames: readonly string[]): TableColumn[] {
  const columns: TableColumn[] = [];
  const add = (name: string, title: string, way: (value: number) => string) => {
    const column = frame.column(name);
    if (column?.kind !== "numbers") return;
    const { values } = column;
    columns.push({ name, title, numeric: true, text: (row) => way(values[row]), value: (row) => values[row] });
  };
  add("unit", "Unit", String);
  add("active", "Active", (value) => percent(value, 0));
  add("mean", "Mean", figure);
  add("max", "Max", figure);
  add("selectivity", "Selective", (value) => percent(value, 0));
  add("selective_class", "For", (value) => (value < 0 ? "" : className(classNames, value)));
  add("dead", "Dead", (value) => (value ? "dead" : ""));
  add("near_constant", "Constant", (value) => (value ? "nearly" : ""));
  add("saturated", "Saturated", (value) => (value > 0 ? (value === 1 ? "yes" : percent(value, 0)) : ""));
  add("duplicate_of", "Same as", (value) => (value < 0 || Number.isNaN(value) ? "" : String(value)));
  const effect = frame.column("effect");
  if (effect?.kind === "texts") {
    columns.push({ name: "effect", title: "Effect", numeric: false, text: effect.text, value: effect.text });
  }
  return columns.filter((column) => column.name === "unit" || hasSome(column, frame.rows));
}

function hasSome(column: TableColumn, rows: number): boolean {
  for (let row = 0; row < rows; row += 1) if (column.text(row) !== "" && column.text(row) !== "–") return true;
  return false;
}

export interface UnitFacts {
  readonly top: readonly number[];
  /** Of each of `top`, the part of the image that moved the unit, in pixels: top, left, bottom, right. */
  readonly places: readonly (readonly number[])[];
  readonly histogram: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly words: readonly string[];
}

/** What the table says of one unit; null where it has no such row. */
export function unitFacts(frame: Frame, unit: number, classNames: readonly string[]): UnitFacts | null {
  const row = frame.numbers("unit").indexOf(unit);
  if (row < 0) return null;
  const list = (name: string) => {
    const column = frame.column(name);
    return column?.kind === "lists" ? column.list(row) : [];
  };
  const number = (name: string) => {
    const column = frame.column(name);
    return column?.kind === "numbers" ? Number(column.values[row]) : NaN;
  };
  const flat = list("top_places");
  return {
    top: list("top"),
    places: Array.from({ length: flat.length / 4 }, (_, place) => flat.slice(place * 4, place * 4 + 4)),
    histogram: list("histogram"),
    low: number("histogram_low"),
    high: number("histogram_high"),
    words: wordsOf(frame, row, number, classNames),
  };
}

function wordsOf(frame: Frame, row: number, number: (name: string) => number, classNames: readonly string[]): string[] {
  const words: string[] = [];
  if (number("dead")) words.push("Dead: it gives the same output for every sample.");
  else if (Number.isFinite(number("active"))) words.push(`Active for ${percent(number("active"), 0)} of the samples.`);
  if (number("near_constant")) words.push("It is nearly constant.");
  if (number("saturated") > 0) words.push("It is saturated.");
  if (number("duplicate_of") >= 0) words.push(`It does the same as unit ${number("duplicate_of")}.`);
  const selectivity = number("selectivity");
  if (Number.isFinite(selectivity)) {
    const label = number("selective_class");
    const whom = label >= 0 ? `, above all for ${className(classNames, label)}` : "";
    words.push(`Selectivity ${percent(selectivity, 0)}${whom}.`);
  }
  const effect = frame.column("effect");
  if (effect?.kind === "texts" && effect.text(row)) words.push(`As a filter: ${effect.text(row)}.`);
  return words;
}
