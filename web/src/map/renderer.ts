import type { Camera } from "./camera.ts";
import type { Places } from "./places.ts";
import { RasterRenderer } from "./raster.ts";
import { WebGLRenderer } from "./webgl.ts";

/** How a piece of the points is drawn. */
export interface Style {
  /** Diameter in CSS pixels. */
  readonly size: number;
  /** Opacity in [0, 1]. */
  readonly alpha: number;
}

/** Colours of points: a code for each row, and what each code looks like (256 times RGBA). */
export interface Colours {
  readonly codes: Uint8Array<ArrayBuffer>;
  readonly palette: Uint8Array<ArrayBuffer>;
}

/** Draws points on a canvas of its own, piece after piece. */
export interface PointRenderer {
  readonly kind: "webgl" | "canvas";
  /** How many points a frame may hold at first; measured frames change it. */
  readonly firstBudget: number;
  resize(width: number, height: number, ratio: number): void;
  setPlaces(from: Places, to: Places): void;
  setColours(colours: Colours): void;
  setOrder(rows: Uint32Array<ArrayBuffer>): void;
  clear(): void;
  draw(camera: Camera, share: number, start: number, count: number, style: Style): void;
  /** Brings what was drawn onto the page; says how long drawing took, in milliseconds, where that can be known. */
  show(): number | null;
  close(): void;
}

/**
 * WebGL 2 where a graphics card draws it, else Canvas 2D; null where there is neither.
 *
 * WebGL 2 that is drawn by the processor takes ten times as long as writing the pixels ourselves.
 */
export function rendererFor(make: () => HTMLCanvasElement, lost: () => void): PointRenderer | null {
  const graphics = WebGLRenderer.on(make(), lost);
  if (graphics && !graphics.software) return graphics;
  const raster = RasterRenderer.on(make());
  if (raster) graphics?.close();
  return raster ?? WebGLRenderer.on(make(), lost);
}
