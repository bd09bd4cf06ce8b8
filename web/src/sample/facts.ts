import type { Explorer } from "../state/explorer.svelte.ts";
import { className, figure, percent, shortened } from "../parts/words.ts";

export interface Fact {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly values: readonly string[];
  readonly differs: boolean;
}

const KNOWN = new Map<string, readonly [title: string, help: string]>([
  ["confidence", ["Confidence", "probability of the predicted class"]],
  ["margin", ["Margin", "how far the likeliest class lies ahead of the second, in probability"]],
  ["loss", ["Loss", "cross-entropy, in nats"]],
  ["entropy", ["Entropy", "of the probabilities, in nats"]],
  ["suspected_label", ["Label suspected", "the class that the label may have been meant to be"]],
  ["flip_distance", ["To the boundary", "distance to the nearest decision boundary found, in units of the transformed input"]],
  ["source", ["From", "where the sample comes from"]],
]);
const SHOWN_ELSEWHERE = new Set(["id", "label", "predicted", "split"]);
const SHARES = new Set(["confidence", "margin"]);

/** What the table says of one or two rows; a difference is marked where numbers are far apart. */
export function factsOf(explorer: Explorer, rows: readonly number[]): Fact[] {
  const facts: Fact[] = [];
  for (const name of explorer.samples.names) {
    if (SHOWN_ELSEWHERE.has(name) || explorer.samples.column(name)?.kind === "lists") continue;
    const values = rows.map((row) => worded(explorer, name, row));
    if (values.every((value) => value === "" || value === "–")) continue;
    const [title, help] = KNOWN.get(name) ?? [shortened(name.replaceAll("_", " "), 22), name];
    facts.push({ name, title, help, values, differs: differs(explorer, name, rows) });
  }
  return facts;
}

function worded(explorer: Explorer, name: string, row: number): string {
  const column = explorer.samples.column(name);
  if (column?.kind !== "numbers") return explorer.text(name, row);
  const value = Number(column.values[row]);
  if (name === "suspected_label") return value < 0 ? "" : className(explorer.classNames, value);
  return SHARES.has(name) ? percent(value) : figure(value);
}

function differs(explorer: Explorer, name: string, rows: readonly number[]): boolean {
  if (rows.length < 2) return false;
  const column = explorer.samples.column(name);
  if (column?.kind === "categories") return column.codes[rows[0]] !== column.codes[rows[1]];
  if (column?.kind !== "numbers") return false;
  const [one, other] = rows.map((row) => Number(column.values[row]));
  return Math.abs(one - other) > 0.25 * Math.max(Math.abs(one), Math.abs(other), 1e-9);
}
