/** Points of a curve on a picture of a given size, in pixels. */

export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A range that holds all values with a little room, in steps that read well. */
export function rangeOf(values: readonly number[], within: Range = { low: -Infinity, high: Infinity }): Range {
  const finite = values.filter(Number.isFinite);
  if (!finite.length) return { low: 0, high: 1 };
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const step = stepOf(high - low || Math.abs(high) || 1);
  return {
    low: Math.max(Math.floor(low / step - 0.05) * step, within.low),
    high: Math.min(Math.ceil(high / step + 0.05) * step, within.high),
  };
}

/** Round numbers in a range, about `count` of them. */
export function ticksOf({ low, high }: Range, count = 4): number[] {
  const step = stepOf(high - low, count);
  const ticks: number[] = [];
  for (let place = Math.ceil(low / step - 1e-9); place * step <= high + step * 1e-6; place += 1)
    ticks.push(Number((place * step).toPrecision(12)));
  return ticks;
}

export function acrossAt(frame: Frame, place: number, count: number): number {
  return frame.left + (count < 2 ? 0.5 : place / (count - 1)) * frame.width;
}

export function downAt(frame: Frame, value: number, { low, high }: Range): number {
  return frame.top + (1 - (value - low) / (high - low || 1)) * frame.height;
}

/** A path through the points that are known; a gap where one is not. */
export function pathOf(points: readonly (readonly [x: number, y: number])[]): string {
  let path = "";
  let pen = "M";
  for (const [x, y] of points) {
    if (!Number.isFinite(y)) {
      pen = "M";
      continue;
    }
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  }
  return path;
}

function stepOf(length: number, count = 4): number {
  const rough = length / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10) * power;
}
