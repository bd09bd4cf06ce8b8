import type { Frame } from "../source/frame.ts";

export interface Chart {
  readonly name: string;
  readonly shares: boolean;
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** Training curves in charts of one unit each: accuracy, loss, then whatever else was written down. */
export function chartsOf(frame: Frame): Chart[] {
  const numbers = frame.names.filter((name) => name !== "epoch" && frame.column(name)?.kind === "numbers");
  const lines = (names: readonly string[]) =>
    names
      .map((name) => ({ name: inWords(name), values: Array.from(frame.numbers(name)) }))
      .filter(({ values }) => values.some(Number.isFinite));
  const accuracy = numbers.filter((name) => /accuracy/.test(name));
  const loss = numbers.filter((name) => /loss/.test(name));
  return [
    { name: "Accuracy", shares: true, lines: lines(accuracy) },
    { name: "Loss", shares: false, lines: lines(loss) },
  ].filter((chart) => chart.lines.length > 0);
}

const SPLITS = new Map([["train", "training"], ["val", "validation"]]);

/** "training accuracy" for "train_accuracy". */
function inWords(name: string): string {
  return name.split("_").map((part) => SPLITS.get(part) ?? part).join(" ");
}
