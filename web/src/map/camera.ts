/** The part of a map that is seen: its middle in map coordinates, and pixels a map unit. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

const MARGIN = 0.06;

/** The camera that shows a box whole, with a margin. */
export function fitted(box: Box, width: number, height: number): Camera {
  const across = Math.max(box.right - box.left, 1);
  const up = Math.max(box.top - box.bottom, 1);
  const room = 1 - 2 * MARGIN;
  return {
    x: (box.left + box.right) / 2,
    y: (box.bottom + box.top) / 2,
    scale: Math.min((width * room) / across, (height * room) / up),
  };
}

/** Where a map point is on the screen; maps have y upwards, screens downwards. */
export function onScreen(camera: Camera, width: number, height: number, x: number, y: number): [number, number] {
  return [(x - camera.x) * camera.scale + width / 2, height / 2 - (y - camera.y) * camera.scale];
}

export function onMap(camera: Camera, width: number, height: number, sx: number, sy: number): [number, number] {
  return [(sx - width / 2) / camera.scale + camera.x, (height / 2 - sy) / camera.scale + camera.y];
}

export function panned(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y + dy / camera.scale };
}

/** Zoomed by a factor, with what is under (sx, sy) staying there. */
export function zoomed(camera: Camera, width: number, height: number, factor: number, sx: number, sy: number): Camera {
  const scale = camera.scale * factor;
  const [x, y] = onMap(camera, width, height, sx, sy);
  return { x: x - (sx - width / 2) / scale, y: y + (sy - height / 2) / scale, scale };
}

/** The camera with its middle on the map, so that no reader gets lost beside it. */
export function kept(camera: Camera, box: Box): Camera {
  const within = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
  return { ...camera, x: within(camera.x, box.left, box.right), y: within(camera.y, box.bottom, box.top) };
}

export function between(from: Camera, to: Camera, share: number): Camera {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  return { x: mix(from.x, to.x), y: mix(from.y, to.y), scale: mix(from.scale, to.scale) };
}
