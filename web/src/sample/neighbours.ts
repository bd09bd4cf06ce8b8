import type { Frame } from "../source/frame.ts";
import { Absent } from "../source/source.ts";
import type { Explorer } from "../state/explorer.svelte.ts";

export interface Neighbourhood {
  readonly ids: readonly number[];
  /** Empty where a door does not hold them. */
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

/** The nearest samples of one at each layer: its own resource, or its row of all where a door holds those only. */
export async function neighboursOf(explorer: Explorer, id: number): Promise<Map<number, Neighbourhood>> {
  try {
    return neighboursByLayer(await explorer.resources.table(`neighbours/${id}`));
  } catch (error) {
    if (!(error instanceof Absent)) throw error;
    const found = await nearestByLayer(explorer, explorer.rowOf(id));
    if (!found.size) throw error;
    return found;
  }
}

async function nearestByLayer(explorer: Explorer, row: number): Promise<Map<number, Neighbourhood>> {
  const found = new Map<number, Neighbourhood>();
  for (const layer of explorer.study.layers.keys()) {
    const frame = await explorer.resources.table(`nearest/${layer}`).catch((error: unknown) => {
      if (error instanceof Absent) return null;
      throw error;
    });
    if (frame) found.set(layer, { ids: frame.names.map((rank) => frame.numbers(rank)[row]), distances: [] });
  }
  return found;
}
