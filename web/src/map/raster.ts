import type { Camera } from "./camera.ts";
import type { Places } from "./places.ts";
import type { Colours, PointRenderer, Style } from "./renderer.ts";

/** With more points than this their edges are not smoothed, which nobody sees and which costs most. */
const CRISP = 20_000;

/** Points by Canvas 2D: written into a picture's bytes, since a path a point would take seconds. */
export class RasterRenderer implements PointRenderer {
  readonly kind = "canvas";
  readonly firstBudget = 60_000;
  private from!: Places;
  private to!: Places;
  private colours!: Colours;
  private rows = new Uint32Array();
  private image: ImageData;
  private pixels: Uint32Array;
  private ratio = 1;
  private spent = 0;

  private constructor(private readonly context: CanvasRenderingContext2D) {
    this.image = new ImageData(1, 1);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  static on(canvas: HTMLCanvasElement): RasterRenderer | null {
    // The picture is made by the processor; a canvas in a graphics card's memory would only be copied to.
    const context = canvas.getContext("2d", { willReadFrequently: true });
    return context && new RasterRenderer(context);
  }

  resize(width: number, height: number, ratio: number): void {
    this.ratio = ratio;
    const { canvas } = this.context;
    canvas.width = Math.max(1, Math.round(width * ratio));
    canvas.height = Math.max(1, Math.round(height * ratio));
    this.image = new ImageData(canvas.width, canvas.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  setPlaces(from: Places, to: Places): void {
    [this.from, this.to] = [from, to];
  }

  setColours(colours: Colours): void {
    this.colours = colours;
  }

  setOrder(rows: Uint32Array<ArrayBuffer>): void {
    this.rows = rows;
  }

  clear(): void {
    this.pixels.fill(0);
  }

  draw(camera: Camera, share: number, start: number, count: number, style: Style): void {
    const begun = performance.now();
    const { from, to, rows, image } = this;
    const { codes, palette } = this.colours;
    const disc = discOf(style.size * this.ratio, style.alpha, count > CRISP);
    const scale = camera.scale * this.ratio;
    const left = image.width / 2 - camera.x * scale - disc.side / 2 + 0.5;
    const top = image.height / 2 + camera.y * scale - disc.side / 2 + 0.5;
    const [last, lowest] = [image.width - disc.side, image.height - disc.side];
    const still = share >= 1 || from === to;
    for (let i = start; i < start + count; i++) {
      const row = rows[i];
      const x = still ? to.x[row] : from.x[row] + (to.x[row] - from.x[row]) * share;
      const y = still ? to.y[row] : from.y[row] + (to.y[row] - from.y[row]) * share;
      const column = Math.floor(left + x * scale);
      const line = Math.floor(top - y * scale);
      if (column < 0 || line < 0 || column > last || line > lowest) continue;
      this.stamp(line * image.width + column, disc, palette, 4 * codes[row]);
    }
    this.spent += performance.now() - begun;
  }

  show(): number {
    this.context.putImageData(this.image, 0, 0);
    const { spent } = this;
    this.spent = 0;
    return spent;
  }

  close(): void {
    this.pixels = new Uint32Array();
  }

  private stamp(corner: number, disc: Disc, palette: Uint8Array, colour: number): void {
    const { pixels } = this;
    const across = this.image.width;
    const rgb = palette[colour] | (palette[colour + 1] << 8) | (palette[colour + 2] << 16);
    for (let i = 0; i < disc.places.length; i += 3) {
      const at = corner + disc.places[i + 1] * across + disc.places[i];
      const alpha = disc.places[i + 2];
      const below = pixels[at];
      const held = below >>> 24;
      pixels[at] = held <= alpha ? rgb | (alpha << 24) : over(below, rgb, alpha, held);
    }
  }
}

/** Pixels of a disc: column, line, alpha, column, line, alpha, ... */
interface Disc {
  readonly side: number;
  readonly places: Uint8Array;
}

function discOf(diameter: number, alpha: number, crisp: boolean): Disc {
  const side = Math.max(1, Math.ceil(diameter));
  const places: number[] = [];
  const middle = (side - 1) / 2;
  for (let line = 0; line < side; line++)
    for (let column = 0; column < side; column++) {
      const out = Math.hypot(column - middle, line - middle) - diameter / 2;
      const smooth = Math.min(Math.max(0.5 - out, 0), 1);
      const covered = side < 3 ? 1 : crisp ? Math.round(smooth) : smooth;
      if (covered > 0.05) places.push(column, line, Math.round(255 * alpha * covered));
    }
  return { side, places: Uint8Array.from(places) };
}

/** A faint pixel over a stronger one: the colours mix, the stronger one's opacity stays. */
function over(below: number, rgb: number, alpha: number, held: number): number {
  const share = alpha / 255;
  const mix = (shift: number): number => {
    const old = (below >>> shift) & 255;
    return (old + (((rgb >>> shift) & 255) - old) * share) << shift;
  };
  return mix(0) | mix(8) | mix(16) | (held << 24);
}
