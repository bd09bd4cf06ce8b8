import { onMap, panned } from "./camera.ts";
import type { Outline } from "./overlay.ts";
import type { Scene } from "./scene.ts";

/** What a gesture means, for the map to act upon. */
export interface Meanings {
  /** The pointer's tool just now. */
  tool(): "pan" | "lasso" | "rectangle";
  hover(place: readonly [number, number] | null): void;
  click(place: readonly [number, number], event: PointerEvent): void;
  outline(outline: Outline | null): void;
  /** A lasso or rectangle is whole: corners in map coordinates. */
  enclose(corners: number[], event: PointerEvent): void;
}

/** A pointer that moved less is a click. */
const STILL = 4;
const FINEST = 3;

/** Turns pointers and the wheel on an element into movements of the scene. */
export function followPointers(element: HTMLElement, scene: Scene, meanings: Meanings): () => void {
  const pointers = new Map<number, [number, number]>();
  let start: [number, number] | null = null;
  let outline: number[] | null = null;
  let moved = false;

  const placeOf = (event: MouseEvent): [number, number] => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  // A mouse reports far more often than a screen shows.
  let hovering = 0;
  const hoverSoon = (place: [number, number] | null): void => {
    cancelAnimationFrame(hovering);
    hovering = requestAnimationFrame(() => meanings.hover(place));
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0 || (event.target as Element).closest("button")) return;
    cancelAnimationFrame(hovering);
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, placeOf(event));
    if (pointers.size > 1) return drop();
    start = placeOf(event);
    moved = false;
    const lasso = meanings.tool() !== "pan" || event.shiftKey;
    outline = lasso ? [...start] : null;
  };
  const move = (event: PointerEvent): void => {
    const place = placeOf(event);
    const before = pointers.get(event.pointerId);
    if (!before) return hoverSoon(event.pointerType === "touch" ? null : place);
    if (start && Math.hypot(place[0] - start[0], place[1] - start[1]) > STILL && !moved) {
      moved = true;
      meanings.hover(null);
    }
    if (pointers.size === 2) pinch(event.pointerId, place);
    else if (moved && outline && start) draw(place);
    else if (moved) scene.look(panned(scene.camera, place[0] - before[0], place[1] - before[1]));
    if (moved || pointers.size === 2) pointers.set(event.pointerId, place);
  };
  const draw = (place: [number, number]): void => {
    if (!outline || !start) return;
    const [x, y] = place;
    if (meanings.tool() === "rectangle") outline = [...start, x, start[1], x, y, start[0], y];
    else if (Math.hypot(x - outline[outline.length - 2], y - outline[outline.length - 1]) >= FINEST) outline.push(x, y);
    meanings.outline([...outline]);
  };
  const pinch = (id: number, place: [number, number]): void => {
    const other = [...pointers].find(([key]) => key !== id)?.[1];
    const before = pointers.get(id);
    if (!other || !before) return;
    const spread = (a: readonly number[]): number => Math.max(Math.hypot(a[0] - other[0], a[1] - other[1]), 1);
    const [mx, my] = [(place[0] + other[0]) / 2, (place[1] + other[1]) / 2];
    const shifted = panned(scene.camera, (place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
    scene.zoomBy(spread(place) / spread(before), mx, my, shifted);
  };
  const up = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId) || !start) return;
    if (!moved) meanings.click(start, event);
    else if (outline && outline.length >= 6) meanings.enclose(toMap(outline), event);
    drop();
  };
  const drop = (): void => {
    start = null;
    outline = null;
    meanings.outline(null);
  };
  const toMap = (places: readonly number[]): number[] => {
    const corners: number[] = [];
    for (let i = 0; i < places.length; i += 2)
      corners.push(...onMap(scene.camera, scene.width, scene.height, places[i], places[i + 1]).map(Math.round));
    return corners;
  };
  const cancel = (event: PointerEvent): void => {
    pointers.delete(event.pointerId);
    drop();
  };
  const leave = (): void => hoverSoon(null);
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
    const factor = Math.exp(Math.min(Math.max(-event.deltaY * lines, -240), 240) / (event.ctrlKey ? 120 : 420));
    scene.zoomBy(factor, ...placeOf(event));
    meanings.hover(null);
  };
  const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: cancel, pointerleave: leave };
  for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener as EventListener);
  element.addEventListener("wheel", wheel, { passive: false });
  return () => {
    cancelAnimationFrame(hovering);
    for (const [name, listener] of Object.entries(listeners)) element.removeEventListener(name, listener as EventListener);
    element.removeEventListener("wheel", wheel);
  };
}
