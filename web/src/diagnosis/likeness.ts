import type { Frame } from "../source/frame.ts";

export interface Likeness {
  /** Layers that were compared, in order of depth. */
  readonly layers: readonly number[];
  value(layer: number, other: number): number;
}

/** Reads the table of pairs, each of which may be there once or both ways round. */
export function likenessOf(frame: Frame): Likeness {
  const [layers, others, values] = ["layer", "other", "cka"].map((name) => frame.numbers(name));
  const pairs = new Map<string, number>();
  const known = new Set<number>();
  for (let row = 0; row < frame.rows; row += 1) {
    known.add(layers[row]).add(others[row]);
    pairs.set(`${layers[row]} ${others[row]}`, values[row]);
  }
  return {
    layers: [...known].sort((one, other) => one - other),
    value(layer, other) {
      const said = pairs.get(`${layer} ${other}`) ?? pairs.get(`${other} ${layer}`);
      return said ?? (layer === other ? 1 : NaN);
    },
  };
}
