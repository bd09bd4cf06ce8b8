/** From numbers to pixels: slices of tensors as small pictures. */

import { signedColour, valueColour, type Colour } from "../design/palette.ts";
import type { Tensor } from "../source/frame.ts";


export interface Scale {
  readonly low: number;
  readonly high: number;
}

export type Colouring = "grey" | "value" | "signed";

/** How many slices of how many rows and columns a tensor has: images, filters or one vector. */
export function slicesOf({ shape }: Tensor): { count: number; height: number; width: number } {
  if (shape.length >= 3) {
    const [height, width] = [shape.at(-2)!, shape.at(-1)!];
    return { count: shape.slice(0, -2).reduce((all, size) => all * size, 1), height, width };
  }
  if (shape.length === 2) return { count: 1, height: shape[0]!, width: shape[1]! };
  return { count: 1, height: 1, width: shape[0] ?? 0 };
}

/** The range that holds the middle 99% of the values, so that one outlier hides nothing. */
export function scaleOf(values: ArrayLike<number>, outside = 0.005): Scale {
  const finite = finiteOf(values);
  if (finite.length === 0) return { low: 0, high: 1 };
  const at = (share: number) => ranked(finite, Math.round(share * (finite.length - 1)));
  const [low, high] = [at(outside), at(1 - outside)];
  return high > low ? { low, high } : { low, high: low + 1 };
}

function finiteOf(values: ArrayLike<number>): Float32Array {
  const finite = new Float32Array(values.length);
  let count = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index]!;
    if (Number.isFinite(value)) finite[count++] = value;
  }
  return finite.subarray(0, count);
}

/** The value that would stand at a place if all were sorted; they are moved about (Hoare 1961, "Find"). */
export function ranked(values: Float32Array, place: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let [up, down] = [low, high];
    while (up <= down) {
      while (values[up]! < pivot) up += 1;
      while (values[down]! > pivot) down -= 1;
      if (up > down) break;
      const held = values[up]!;
      values[up++] = values[down]!;
      values[down--] = held;
    }
    if (place <= down) high = down;
    else if (place >= up) low = up;
    else break;
  }
  return values[place]!;
}

/** The scale of signed numbers: as far below zero as above. */
export function evenScale(values: ArrayLike<number>, outside = 0.005): Scale {
  const sizes = Float32Array.from(values, Math.abs);
  const { high } = scaleOf(sizes, outside);
  return { low: -high, high };
}

/** One slice as RGBA pixels, row by row. */
export function pixelsOf(
  values: ArrayLike<number>,
  from: number,
  count: number,
  scale: Scale,
  colouring: Colouring = "grey",
): Uint8ClampedArray<ArrayBuffer> {
  const colours = table(colouring);
  const pixels = new Uint32Array(count);
  const length = scale.high - scale.low || 1;
  for (let index = 0; index < count; index += 1) {
    const share = (values[from + index]! - scale.low) / length;
    const step = Number.isFinite(share) ? Math.round(Math.min(Math.max(share, 0), 1) * 255) : 0;
    pixels[index] = colours[step]!;
  }
  return new Uint8ClampedArray(pixels.buffer);
}

/** A filter over three channels in its colours: mid-grey is a weight of zero. */
export function colourPixels(
  values: ArrayLike<number>,
  from: number,
  area: number,
  limit: number,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(area * 4);
  for (let index = 0; index < area; index += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const value = values[from + channel * area + index]! / (limit || 1);
      pixels[index * 4 + channel] = (Math.min(Math.max(value, -1), 1) + 1) * 127.5;
    }
    pixels[index * 4 + 3] = 255;
  }
  return pixels;
}

/** The input channel of a filter whose weights are largest by their squares. */
export function strongestChannel(tensor: Tensor, filter: number): number {
  const [, channels = 1, height = 1, width = 1] = tensor.shape;
  const area = height * width;
  let best = 0;
  let most = -1;
  for (let channel = 0; channel < channels; channel += 1) {
    let sum = 0;
    const from = (filter * channels + channel) * area;
    for (let index = 0; index < area; index += 1) sum += tensor.values[from + index]! ** 2;
    if (sum > most) [best, most] = [channel, sum];
  }
  return best;
}

const TABLES = new Map<Colouring, Uint32Array>();

/** 256 colours, each four bytes RGBA as one number in this machine's order. */
function table(colouring: Colouring): Uint32Array {
  const known = TABLES.get(colouring);
  if (known) return known;
  const bytes = new Uint8Array(4 * 256).fill(255);
  for (let step = 0; step < 256; step += 1) bytes.set(colourOf(colouring, step), 4 * step);
  const made = new Uint32Array(bytes.buffer);
  TABLES.set(colouring, made);
  return made;
}

function colourOf(colouring: Colouring, step: number): Colour {
  if (colouring === "value") return valueColour(step / 255);
  if (colouring === "signed") return signedColour(step / 127.5 - 1);
  return [step, step, step];
}
