import type { Placed } from "../state/explorer.svelte.ts";

type Place = Placed["places"][number];

/** Where a new sample lies on one map; undefined where it was not placed there. */
export function placeOn(placed: Placed, layer: number, method: string): Place | undefined {
  return placed.places.find((place) => place.layer === layer && place.method === method);
}

/** One place a layer, by the wanted method where the layer has it. */
export function placesByLayer(placed: Placed, method: string): Place[] {
  const found = new Map<number, Place>();
  for (const place of placed.places)
    if (!found.has(place.layer) || place.method === method) found.set(place.layer, place);
  return [...found.values()].sort((one, other) => one.layer - other.layer);
}
