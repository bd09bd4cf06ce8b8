import type { Frame } from "../source/frame.ts";

/** The share of labelled samples predicted right, of one split where it is there; null where that is not known. */
export function accuracyOf(samples: Frame, split: string): number | null {
  const [label, predicted] = ["label", "predicted"].map((name) => samples.column(name));
  if (label?.kind !== "numbers" || predicted?.kind !== "numbers") return null;
  const splits = samples.column("split");
  const own = splits?.kind === "categories" ? splits.names.indexOf(split) : -1;
  let known = 0;
  let right = 0;
  for (let row = 0; row < samples.rows; row += 1) {
    if (!(label.values[row] >= 0)) continue;
    if (own >= 0 && splits?.kind === "categories" && splits.codes[row] !== own) continue;
    known += 1;
    right += Number(label.values[row] === predicted.values[row]);
  }
  return known ? right / known : null;
}
