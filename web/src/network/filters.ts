import type { Tensor } from "../source/frame.ts";
import { colourPixels, evenScale, pixelsOf, strongestChannel } from "../parts/raster.ts";

/** The weight that is drawn white: nearly the largest, one for all filters of a layer. */
export function limitOf(tensor: Tensor): number {
  return evenScale(tensor.values).high;
}

/** A filter as a picture: in colour over three channels, else its strongest input channel in grey. */
export function filterPixels(tensor: Tensor, filter: number, limit: number): Uint8ClampedArray<ArrayBuffer> {
  const [, channels, height, width] = tensor.shape;
  const area = height * width;
  if (channels === 3) return colourPixels(tensor.values, filter * 3 * area, area, limit);
  const from = (filter * channels + strongestChannel(tensor, filter)) * area;
  return pixelsOf(tensor.values, from, area, { low: -limit, high: limit });
}
