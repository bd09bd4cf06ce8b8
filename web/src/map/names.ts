import { isolated, shortened } from "../parts/words.ts";
import { onScreen } from "./camera.ts";
import type { Colouring } from "./colouring.ts";
import type { Middle } from "./middles.ts";
import type { Inks } from "./overlay.ts";
import type { Scene } from "./scene.ts";

type ClassColouring = Colouring & { readonly kind: "classes" };

/** Names that take up no more than this share of the map are all drawn; of more, those that have room, and so many. */
const CROWDED = 0.35;
const MOST_NAMES = 40;
/** A class that lies about more widely than this share of the map has no place where its name belongs. */
const WIDEST = 0.1;
const LINE = 15;
/** Room around a name among many, in CSS pixels. */
const ROOM = { across: 12, down: 14 };

/** Points that lie within so many CSS pixels would be hidden by their own name, which stands above them. */
const TIGHT = 24;

interface Box {
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

/** Writes the names of classes where they lie. */
export function drawNames(context: CanvasRenderingContext2D, scene: Scene, colouring: ClassColouring, inks: Inks): void {
  context.font = "600 12px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  const middles = scene.middles(colouring.labels);
  const text = ({ label }: Middle): string => isolated(shortened(colouring.classes[label]?.name ?? ""));
  const widths = new Map(middles.map((one) => [one.label, widthOf(context, text(one))]));
  const room = [...widths.values()].reduce((sum, width) => sum + (width + 2 * ROOM.across) * (LINE + ROOM.down), 0);
  const many = middles.length > MOST_NAMES || room > CROWDED * scene.width * scene.height;
  const taken: Box[] = [];
  for (const one of many ? compact(middles) : middles) {
    const [middle, centre] = onScreen(scene.camera, scene.width, scene.height, one.x, one.y);
    const wanted = centre - lift(one, scene);
    const half = (widths.get(one.label) ?? 0) / 2 + 2;
    const across = many ? middle : withinSides(middle, half, scene.width);
    const own = { left: across - half, right: across + half, y: wanted };
    if (many && !(taken.length < MOST_NAMES && isInside(scene, own) && isFree(taken, own))) continue;
    const down = many ? wanted : freeLine(taken, own);
    taken.push({ ...own, y: down });
    context.strokeStyle = inks.paper;
    context.lineWidth = 4;
    context.strokeText(text(one), across, down);
    context.fillStyle = inks.ink;
    context.fillText(text(one), across, down);
  }
}

// A thousand names are measured once and not in every frame.
const measured = new Map<string, number>();

function widthOf(context: CanvasRenderingContext2D, text: string): number {
  const width = measured.get(text) ?? context.measureText(text).width;
  measured.set(text, width);
  return width;
}

/** Classes that keep together, the closest first: theirs are the names that say most. */
function compact(middles: readonly Middle[]): Middle[] {
  return middles.filter(({ spread }) => spread < WIDEST).sort((one, other) => one.spread - other.spread);
}

/** How far above its class's middle a name stands. */
function lift({ spread }: Middle, scene: Scene): number {
  const box = scene.places?.box;
  if (!box) return 0;
  const reach = 2.2 * spread * Math.max(box.right - box.left, box.top - box.bottom) * scene.camera.scale;
  return reach < TIGHT ? reach + 12 : 0;
}

/** Where a name is not cut off by the map's side, if what it names is in sight. */
function withinSides(middle: number, half: number, width: number): number {
  return middle < 0 || middle > width || 2 * half > width ? middle : Math.min(Math.max(middle, half), width - half);
}

function isInside({ width, height }: Scene, { left, right, y }: Box): boolean {
  return left >= 0 && right <= width && y >= LINE && y <= height - LINE;
}

function isFree(taken: readonly Box[], { left, right, y }: Box): boolean {
  return taken.every((one) => right + ROOM.across < one.left || left - ROOM.across > one.right || Math.abs(one.y - y) >= LINE + ROOM.down);
}

/** The height nearest to the wanted one at which a name covers no other. */
function freeLine(taken: readonly Box[], { left, right, y: wanted }: Box): number {
  const free = (y: number): boolean =>
    taken.every((one) => right < one.left || left > one.right || Math.abs(one.y - y) >= LINE);
  for (let step = 0; step < 8; step++)
    for (const y of [wanted - step * LINE, wanted + step * LINE]) if (free(y)) return y;
  return wanted;
}
