import type { Layer } from "../state/study.ts";
import { kindOf, sizesOf, type LayerKind } from "../parts/layers.ts";

export interface Slab {
  readonly layer: number;
  readonly kind: LayerKind;
  readonly left: number;
  readonly width: number;
  /** Height of the face that is seen, and how far the slab goes back. */
  readonly height: number;
  readonly depth: number;
}

const GAP = 15;
const MARGIN = 6;
/** Slabs are drawn so much narrower at most; a deeper network is scrolled. */
const NARROWEST = 0.42;
const TALLEST = 76;
const LOWEST = 8;

/**
 * Where each layer stands in the drawing, left to right.
 *
 * A slab is as tall as the image is wide (its square root, so that 2 and 224 fit one picture), as wide
 * as it has channels (by their logarithm); a vector is a bar as tall as it has units (logarithm).
 * Where `room` is too narrow for all of them, all are drawn narrower.
 */
export function slabsOf(layers: readonly Layer[], room = Infinity): Slab[] {
  const slabs = abreast(layers, 1);
  const share = (room - 2 * MARGIN) / (widthOf(slabs) - 2 * MARGIN);
  return share < 1 ? abreast(layers, Math.max(share, NARROWEST)) : slabs;
}

function abreast(layers: readonly Layer[], share: number): Slab[] {
  const sides = layers.map((layer) => sideOf(sizesOf(layer)));
  const widest = Math.max(...sides, 1);
  let left = MARGIN;
  return layers.map((layer, row) => {
    const sizes = sizesOf(layer);
    const kind = kindOf(layer);
    const flat = sizes.length < 2;
    const units = sizes[0] ?? 1;
    const height = flat
      ? LOWEST + Math.log2(1 + units) * 6
      : Math.max(LOWEST, TALLEST * Math.sqrt(sides[row] / widest));
    const width = share * (flat ? 7 : Math.max(5, 2.6 * Math.log2(1 + units)));
    const depth = share * (flat ? 2 : Math.min(14, height * 0.22));
    const slab = { layer: row, kind, left, width, height, depth };
    left += width + depth + share * GAP;
    return slab;
  });
}

/** The whole drawing's width. */
export function widthOf(slabs: readonly Slab[]): number {
  const last = slabs.at(-1);
  return last ? last.left + last.width + last.depth + MARGIN : 0;
}

function sideOf(sizes: readonly number[]): number {
  return sizes.length < 2 ? 1 : Math.max(sizes.at(-1)!, sizes.at(-2)!);
}
