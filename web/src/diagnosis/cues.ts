import type { Frame } from "../source/frame.ts";

export interface Cue {
  readonly name: string;
  readonly strength: number;
  readonly accuracy: number;
  /** Share of predictions that changed. */
  readonly changed: number;
}

export function cuesOf(frame: Frame): Cue[] {
  const column = frame.column("cue");
  const name = (row: number) => {
    if (column?.kind === "texts") return column.text(row);
    return column?.kind === "categories" ? (column.names[column.codes[row]] ?? "") : String(row);
  };
  const [strength, accuracy, changed] = ["strength", "accuracy", "changed"].map((one) => frame.numbers(one));
  return Array.from({ length: frame.rows }, (_, row) => ({
    name: name(row).replaceAll("_", " "),
    strength: strength[row],
    accuracy: accuracy[row],
    changed: changed[row],
  }));
}
