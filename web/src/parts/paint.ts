import type { Attachment } from "svelte/attachments";

export type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** Puts pixels on a canvas of just their size; style sheets say how large it is seen. */
export function painted(pixels: Pixels, width: number, height: number): Attachment<HTMLCanvasElement> {
  return (canvas) => {
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    if (pixels.length && width && height) canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  };
}
