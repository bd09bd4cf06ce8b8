import type { Frame } from "../source/frame.ts";

export interface Neighbourhood {
  readonly ids: readonly number[];
  readonly distances: readonly number[];
}

/** The nearest samples at each layer, nearest first. */
export function neighboursByLayer(frame: Frame): Map<number, Neighbourhood> {
  const [layers, ranks] = [frame.numbers("layer"), frame.numbers("rank")];
  const [ids, distances] = [frame.numbers("id"), frame.numbers("distance")];
  const order = Array.from({ length: frame.rows }, (_, row) => row);
  order.sort((one, other) => layers[one] - layers[other] || ranks[one] - ranks[other]);
  const found = new Map<number, { ids: number[]; distances: number[] }>();
  for (const row of order) {
    const one = found.get(layers[row]) ?? { ids: [], distances: [] };
    one.ids.push(ids[row]);
    one.distances.push(distances[row]);
    found.set(layers[row], one);
  }
  return found;
}
