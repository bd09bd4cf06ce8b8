import type { Tensor } from "../source/frame.ts";
import { Absent } from "../source/source.ts";
import type { Explorer } from "../state/explorer.svelte.ts";

/** The final activations of a sample: its own resource, or its row of all where a door holds those only. */
export async function outputsOf(explorer: Explorer, id: number): Promise<Tensor> {
  try {
    return await explorer.resources.tensor(`outputs/${id}`);
  } catch (error) {
    if (!(error instanceof Absent)) throw error;
    const all = await explorer.resources.tensor("outputs");
    const classes = all.shape[1];
    const row = explorer.rowOf(id);
    return { shape: [classes], values: all.values.subarray(row * classes, (row + 1) * classes) };
  }
}
