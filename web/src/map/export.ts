import { csvCell, xmlText } from "../export/text.ts";
import type { Explorer } from "../state/explorer.svelte.ts";
import { onScreen } from "./camera.ts";
import type { Colouring } from "./colouring.ts";
import type { Scene } from "./scene.ts";

/** A drawing of more points than this is slow in every program that opens it. */
export const MOST_IN_SVG = 20_000;

/** Offers a file to the reader. */
export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The map as it is on the page, on the page's paper. */
export async function toPng(scene: Scene, canvases: readonly HTMLCanvasElement[], paper: string): Promise<Blob> {
  scene.drawAll();
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [canvases[0]?.width ?? 1, canvases[0]?.height ?? 1];
  const context = sheet.getContext("2d");
  if (!context) throw new Error("This browser cannot draw a picture to save.");
  context.fillStyle = paper;
  context.fillRect(0, 0, sheet.width, sheet.height);
  for (const canvas of canvases) context.drawImage(canvas, 0, 0);
  const picture = await new Promise<Blob | null>((done) => sheet.toBlob(done, "image/png"));
  if (!picture) throw new Error("The picture is too large for this browser.");
  return picture;
}

/** The points in view as a drawing; of very many a fair sample, which the drawing says. */
export function toSvg(scene: Scene, colouring: Colouring, title: string, paper: string): string {
  const { width, height, camera, order } = scene;
  const seen: string[] = [];
  let left = 0;
  const radius = (scene.pointSize() / 2).toFixed(2);
  for (let i = 0; i < order.rows.length; i++) {
    const row = order.rows[i];
    const [x, y] = onScreen(camera, width, height, ...scene.placeOf(row));
    if (x < 0 || y < 0 || x > width || y > height) continue;
    if (seen.length >= MOST_IN_SVG) left++;
    else {
      const faint = order.plain < order.rows.length && i < order.plain ? ' opacity="0.2"' : "";
      seen.push(`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" fill="${hex(colouring, row)}"${faint}/>`);
    }
  }
  const said = left ? `${seen.length} points of ${seen.length + left}, chosen at random` : `${seen.length} points`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${xmlText(title)}</title><desc>${said}; coloured by ${xmlText(colouring.title)}</desc>`,
    `<rect width="100%" height="100%" fill="${xmlText(paper)}"/>`,
    ...seen,
    "</svg>",
  ].join("\n");
}

/** Rows as comma-separated values: the columns of `samples`, and where the map has them. */
export function toCsv(explorer: Explorer, rows: Iterable<number>, scene: Scene): Blob {
  const names = explorer.samples.names.filter((name) => explorer.samples.column(name)?.kind !== "lists");
  const { places } = scene;
  const head = places ? [...names, "x", "y", "trust"] : names;
  const parts: string[] = [`${head.map(csvCell).join(",")}\r\n`];
  for (const row of rows) {
    const cells = names.map((name) => csvCell(explorer.text(name, row)));
    if (places) cells.push(...placeCells(places, row));
    parts.push(`${cells.join(",")}\r\n`);
  }
  return new Blob(parts, { type: "text/csv" });
}

function placeCells(places: NonNullable<Scene["places"]>, row: number): string[] {
  const [x0, y0, x1, y1] = places.bounds ?? [0, 0, 65535, 65535];
  const real = (value: number, low: number, high: number): string => (low + (value / 65535) * (high - low)).toPrecision(6);
  return [real(places.x[row], x0, x1), real(places.y[row], y0, y1), (places.trust[row] / 255).toFixed(3)];
}

function hex(colouring: Colouring, row: number): string {
  const [red, green, blue] = colouring.palette.subarray(4 * colouring.codes[row]);
  return `#${((red << 16) | (green << 8) | blue).toString(16).padStart(6, "0")}`;
}
