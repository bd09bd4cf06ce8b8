import type { Layer } from "../state/study.ts";
import { shaped } from "./words.ts";

export type LayerKind = "input" | "convolution" | "connected" | "pooling" | "other";

/** What sort of layer a type's name speaks of. */
export function kindOf(layer: Layer): LayerKind {
  if (layer.type === "Input") return "input";
  if (/conv/i.test(layer.type)) return "convolution";
  if (/linear/i.test(layer.type)) return "connected";
  if (/pool/i.test(layer.type)) return "pooling";
  return "other";
}

/** The sizes of a layer's output, none where they are unknown. */
export function sizesOf(layer: Layer): readonly number[] {
  if (typeof layer.shape !== "string") return layer.shape ?? [];
  return (layer.shape.match(/\d+/g) ?? []).map(Number);
}

/** Whether a layer's output is a stack of maps, as of a convolution. */
export function isSpatial(layer: Layer): boolean {
  return sizesOf(layer).length >= 3;
}

/** Rows of layers that hold weights; all where none is known to. */
export function weightedLayers(layers: readonly Layer[]): number[] {
  const rows = layers.map((_, row) => row).filter((row) => /convolution|connected/.test(kindOf(layers[row])));
  return rows.length ? rows : layers.map((_, row) => row).slice(1);
}

/** A column of the layers' table as a number; NaN where it is not known. */
export function numberOf(layer: Layer, column: string): number {
  const value = layer[column];
  return typeof value === "number" ? value : NaN;
}

/** A layer in one line: Conv2d, 64 × 28 × 28. */
export function lineOf(layer: Layer): string {
  return [layer.type, shaped(layer.shape)].filter(Boolean).join(", ");
}
