import type { Frame, Tensor } from "../source/frame.ts";

export interface Twin {
  readonly attack: string;
  readonly distance: number;
  readonly predicted: number;
  readonly confidence: number;
}

/** What each attack found for a sample, the smallest change first; attacks that found none are left out. */
export function twinsOf(frame: Frame, id: number): Twin[] {
  const ids = frame.numbers("id");
  const [distance, predicted, confidence] = ["distance", "predicted", "confidence"].map((name) => frame.numbers(name));
  const attack = frame.column("attack");
  const named = (row: number) => {
    if (attack?.kind === "texts") return attack.text(row);
    return attack?.kind === "categories" ? (attack.names[attack.codes[row]] ?? "") : "";
  };
  const found: Twin[] = [];
  for (let row = 0; row < frame.rows; row += 1) {
    if (ids[row] !== id || !Number.isFinite(distance[row])) continue;
    found.push({ attack: named(row), distance: distance[row], predicted: predicted[row], confidence: confidence[row] });
  }
  return found.sort((one, other) => one.distance - other.distance);
}

/** A change of an image, strengthened until its largest step is seen; mid-grey is no change. */
export function changePixels({ values, shape }: Tensor): Uint8ClampedArray<ArrayBuffer> {
  const [height, width, channels = 1] = shape;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const pixels = new Uint8ClampedArray(height * width * 4);
  for (let place = 0; place < height * width; place += 1) {
    for (let colour = 0; colour < 3; colour += 1) {
      const value = values[place * channels + Math.min(colour, channels - 1)];
      pixels[place * 4 + colour] = 127.5 + (value / largest) * 127.5;
    }
    pixels[place * 4 + 3] = 255;
  }
  return pixels;
}
