import type { Explorer } from "../state/explorer.svelte.ts";

/** Why no new sample can be placed through this door, for the reader; empty where one can. */
export function whyNot(explorer: Explorer): string {
  const { live, door } = explorer.study;
  if (explorer.resources.source.place === undefined)
    return "A file holds no network to run. Open the Study with `cutaway explore` to draw a sample or drop an image and see where it lands.";
  if (!live.model && door === "widget")
    return "The Study was opened without its model. Show it by `study.explore(model)` to place new samples.";
  if (!live.model)
    return "The Study was opened without its model. Run `cutaway explore STUDY --model CHECKPOINT` to place new samples.";
  if (!live.place) return "No map of this Study can take new samples. Build it again with a version that keeps what placing needs.";
  return "";
}
