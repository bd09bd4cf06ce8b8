export type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];

/** Pixels a side of the drawing that is sent; the pad shows it at any size. */
export const SIDE = 224;
const PEN = 20;

/** Draws strokes in white on black, as handwritten digits are stored. */
export function drawStrokes(canvas: HTMLCanvasElement, strokes: readonly Stroke[]): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = "#000";
  context.fillRect(0, 0, SIDE, SIDE);
  context.strokeStyle = context.fillStyle = "#fff";
  context.lineWidth = PEN;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    if (!stroke.length) continue;
    context.beginPath();
    context.moveTo(...stroke[0]);
    for (const point of stroke.slice(1)) context.lineTo(...point);
    // A single dot has no length, and a line of none is not drawn.
    if (stroke.length === 1) context.lineTo(stroke[0][0] + 0.01, stroke[0][1]);
    context.stroke();
  }
}

/** Where a point of the page lies on the pad. */
export function pointOn(box: { left: number; top: number; width: number; height: number }, x: number, y: number): Point {
  const within = (share: number) => Math.min(Math.max(share, 0), 1) * SIDE;
  return [within((x - box.left) / box.width), within((y - box.top) / box.height)];
}

/** The point that an arrow key leads to; null for other keys. */
export function stepped([x, y]: Point, key: string, step = SIDE / 16): Point | null {
  const steps: Record<string, Point> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
  };
  const by = steps[key];
  if (!by) return null;
  const within = (value: number) => Math.min(Math.max(value, 0), SIDE);
  return [within(x + by[0]), within(y + by[1])];
}
