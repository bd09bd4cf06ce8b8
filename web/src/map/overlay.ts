import type { Bits } from "../state/bits.ts";
import type { Explorer, Placed } from "../state/explorer.svelte.ts";
import { onMap, onScreen } from "./camera.ts";
import type { Colouring } from "./colouring.ts";
import { drawNames } from "./names.ts";
import { within } from "./near.ts";
import { spread } from "./pictures.ts";
import type { Scene } from "./scene.ts";

/** Pictures stand for so few samples in view without being asked for, and of no smaller side in CSS pixels. */
const MOST_PICTURES = 400;
const LEAST_SIDE = 18;
const MOST_ATLASES = 8;
/** Where pictures are asked for instead of points: their side in CSS pixels, and so many at most. */
const ASKED_SIDE = 30;
const MOST_ASKED = 2500;

/** The colours of the page, as the canvas needs them. */
export interface Inks {
  readonly ink: string;
  readonly paper: string;
  readonly accent: string;
}

/** A figure that is being drawn by lasso or rectangle: screen places x0, y0, x1, y1, ... */
export type Outline = readonly number[];

interface Shown {
  readonly explorer: Explorer;
  readonly scene: Scene;
  readonly colouring: Colouring | null;
  readonly outline: Outline | null;
  readonly cross: boolean;
  /** Rows that stand out against the others. */
  readonly outstanding: Bits;
  readonly placed: Placed["places"][number] | null;
  readonly inks: Inks;
}

/**
 * Draws what stands above the points: small pictures, names of classes, rings, the lasso.
 *
 * Returns how many samples are in view, Infinity for many or while points travel.
 */
export function drawOverlay(context: CanvasRenderingContext2D, shown: Shown): number {
  const { scene, outline, inks } = shown;
  context.setTransform(scene.ratio, 0, 0, scene.ratio, 0, 0);
  context.clearRect(0, 0, scene.width, scene.height);
  if (!scene.places) return Infinity;
  const rows = inView(shown.explorer, scene);
  if (scene.share >= 1) {
    if (shown.explorer.study.thumbnails) drawSamples(context, shown, rows);
    const { colouring } = shown;
    if (colouring?.kind === "classes" && shown.explorer.namesOf(colouring.column).length) drawNames(context, scene, colouring, inks);
  }
  drawMarks(context, shown);
  if (shown.cross) drawCross(context, scene, inks);
  if (outline) drawOutline(context, outline, inks);
  return rows?.length ?? Infinity;
}

function drawSamples(context: CanvasRenderingContext2D, shown: Shown, rows: readonly number[] | null): void {
  const side = rows ? pictureSide(shown.scene, rows.length) : 0;
  if (side >= LEAST_SIDE) drawPictures(context, shown, spreadInView(shown, side), side);
  else if (shown.explorer.view.marks === "images") drawPictures(context, shown, spreadInView(shown, ASKED_SIDE), ASKED_SIDE);
}

// Found again only where something changed: a look at a million places takes longer than a frame may.
const lastSpread: { of: readonly unknown[]; rows: number[] } = { of: [], rows: [] };

function spreadInView({ explorer, scene }: Shown, asked: number): number[] {
  const { camera, width, height, places } = scene;
  if (!scene.whole || !places) return [];
  const [left, top] = onMap(camera, width, height, 0, 0);
  const [right, bottom] = onMap(camera, width, height, width, height);
  const side = ((right - left) / width) * asked;
  const of = [places, left, top, right, bottom, asked, explorer.shown, explorer.selection];
  if (of.every((one, i) => one === lastSpread.of[i])) return lastSpread.rows;
  const has = (row: number): boolean => explorer.thumbnails.atlasOf(explorer.idOf(row)) >= 0;
  const rows = spread(places, { left, right, bottom, top }, explorer.shown, explorer.selection, side, MOST_ASKED, has);
  return Object.assign(lastSpread, { of, rows }).rows;
}

function drawPictures(
  context: CanvasRenderingContext2D, { explorer, scene, colouring, outstanding }: Shown, rows: readonly number[], side: number,
): void {
  const missing = new Map<number, number>();
  context.imageSmoothingEnabled = false;
  context.lineWidth = 2;
  for (const row of rows) {
    const id = explorer.idOf(row);
    const tile = explorer.thumbnails.tile(id);
    const atlas = explorer.thumbnails.atlasOf(id);
    if (!tile && atlas >= 0) missing.set(atlas, (missing.get(atlas) ?? 0) + 1);
    if (!tile) continue;
    const [x, y] = placeOf(scene, row);
    const faded = outstanding.count > 0 && !outstanding.has(row);
    context.globalAlpha = faded ? 0.25 : 1;
    context.drawImage(tile.atlas, tile.left, tile.top, tile.size, tile.size, x - side / 2, y - side / 2, side, side);
    if (colouring) context.strokeStyle = colourOfRow(colouring, row);
    context.strokeRect(x - side / 2, y - side / 2, side, side);
  }
  context.globalAlpha = 1;
  const wanted = [...missing].sort((a, b) => b[1] - a[1]).slice(0, MOST_ATLASES);
  for (const [atlas] of wanted) void explorer.thumbnails.loadAtlas(atlas).then(() => scene.touch(), () => undefined);
}

/** Rows in view at rest; null where they are many. */
function inView(explorer: Explorer, scene: Scene): number[] | null {
  if (!scene.whole || !scene.places || !explorer.shown.count) return null;
  const { camera, width, height } = scene;
  const [left, top] = onMap(camera, width, height, 0, 0);
  const [right, bottom] = onMap(camera, width, height, width, height);
  return within(scene.places, { left, right, bottom, top }, explorer.shown, MOST_PICTURES);
}

/** Pictures as large as their number leaves room for. */
function pictureSide(scene: Scene, count: number): number {
  if (!count) return 0;
  return Math.min(Math.sqrt((scene.width * scene.height) / count) * 0.42, 72);
}

function colourOfRow(colouring: Colouring, row: number): string {
  const [red, green, blue] = colouring.palette.subarray(4 * colouring.codes[row]);
  return `rgb(${red} ${green} ${blue})`;
}

function placeOf(scene: Scene, row: number): [number, number] {
  const [x, y] = scene.placeOf(row);
  return onScreen(scene.camera, scene.width, scene.height, x, y);
}

function drawMarks(context: CanvasRenderingContext2D, { explorer, scene, placed, inks }: Shown): void {
  const ring = (row: number, radius: number, width: number, colour: string): void => {
    if (row < 0) return;
    const [x, y] = placeOf(scene, row);
    circle(context, x, y, radius, width + 2.5, inks.paper);
    circle(context, x, y, radius, width, colour);
  };
  const size = scene.pointSize() / 2;
  const { sample, compared } = explorer.view;
  if (compared !== null) ring(explorer.rowOf(compared), size + 5, 2, inks.accent);
  if (sample !== null) ring(explorer.rowOf(sample), size + 5, 3, inks.ink);
  if (explorer.hovered !== null) ring(explorer.rowOf(explorer.hovered), size + 3, 1.5, inks.ink);
  if (placed) drawPlaced(context, scene, placed, inks);
}

/** The new sample: a star, hollow where it is unlike anything the map was made of. */
function drawPlaced(context: CanvasRenderingContext2D, scene: Scene, placed: Placed["places"][number], inks: Inks): void {
  const [x, y] = onScreen(scene.camera, scene.width, scene.height, placed.x, placed.y);
  context.beginPath();
  for (let i = 0; i < 10; i++) {
    const radius = i % 2 ? 5 : 12;
    const angle = (Math.PI * i) / 5 - Math.PI / 2;
    context.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  context.closePath();
  context.lineJoin = "round";
  context.lineWidth = 5;
  context.strokeStyle = inks.paper;
  context.stroke();
  context.fillStyle = placed.unlike ? inks.paper : inks.accent;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = inks.accent;
  context.stroke();
}

function circle(context: CanvasRenderingContext2D, x: number, y: number, radius: number, width: number, colour: string): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

function drawCross(context: CanvasRenderingContext2D, scene: Scene, inks: Inks): void {
  const [x, y] = [scene.width / 2, scene.height / 2];
  for (const [width, colour] of [[4, inks.paper], [1.5, inks.ink]] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 5 * dx, y + 5 * dy);
      context.lineTo(x + 14 * dx, y + 14 * dy);
    }
    context.stroke();
  }
}

function drawOutline(context: CanvasRenderingContext2D, outline: Outline, inks: Inks): void {
  context.beginPath();
  for (let i = 0; i < outline.length; i += 2) context.lineTo(outline[i], outline[i + 1]);
  context.closePath();
  context.globalAlpha = 0.12;
  context.fillStyle = inks.accent;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.strokeStyle = inks.accent;
  context.stroke();
}
