import type { Thumbnails as Layout } from "../state/study.ts";
import type { Resources } from "./resources.ts";

/** Atlases held decoded: at most so many pixels. */
const BUDGET = 64 * 2 ** 20;

/** Where a sample's small picture lies. */
export interface Tile {
  readonly atlas: ImageBitmap;
  readonly left: number;
  readonly top: number;
  /** Pixels a side. */
  readonly size: number;
}

/** Small pictures of samples, cut out of atlases that are loaded as they are asked for. */
export class Thumbnails {
  private readonly atlases = new Map<number, ImageBitmap>();
  private readonly loading = new Map<number, Promise<ImageBitmap>>();
  private readonly places: ReadonlyMap<number, number> | null;

  constructor(
    private readonly resources: Resources,
    private readonly layout: Layout | null,
  ) {
    this.places = layout?.ids ? new Map(layout.ids.map((id, place) => [id, place])) : null;
  }

  /** The number of a sample's atlas, or -1 where it has no small picture here. */
  atlasOf(id: number): number {
    const place = this.placeOf(id);
    return place < 0 || !this.layout ? -1 : Math.floor(place / (this.layout.columns * this.layout.rows_per_atlas));
  }

  /** A sample's tile, if its atlas is loaded. */
  tile(id: number): Tile | null {
    const number = this.atlasOf(id);
    const atlas = this.atlases.get(number);
    if (!atlas || !this.layout) return null;
    this.atlases.delete(number);
    this.atlases.set(number, atlas);
    const { columns, rows_per_atlas, size } = this.layout;
    const within = this.placeOf(id) % (columns * rows_per_atlas);
    return { atlas, left: (within % columns) * size, top: Math.floor(within / columns) * size, size };
  }

  /** Loads a sample's atlas; rejects with words where there is none. */
  async load(id: number): Promise<Tile | null> {
    const number = this.atlasOf(id);
    if (number < 0) return null;
    await this.loadAtlas(number);
    return this.tile(id);
  }

  loadAtlas(number: number): Promise<ImageBitmap> {
    const held = this.atlases.get(number);
    if (held) return Promise.resolve(held);
    const known = this.loading.get(number);
    if (known) return known;
    const loaded = this.resources.freshBitmap(`thumbnails/${number}`).then((atlas) => {
      this.atlases.set(number, atlas);
      this.shrink();
      return atlas;
    });
    this.loading.set(number, loaded);
    const done = (): void => void this.loading.delete(number);
    loaded.then(done, done);
    return loaded;
  }

  close(): void {
    for (const atlas of this.atlases.values()) atlas.close();
    this.atlases.clear();
  }

  private placeOf(id: number): number {
    if (!this.layout) return -1;
    if (this.places) return this.places.get(id) ?? -1;
    return id < this.layout.count ? id : -1;
  }

  private shrink(): void {
    let pixels = 0;
    for (const atlas of this.atlases.values()) pixels += atlas.width * atlas.height;
    for (const [number, atlas] of this.atlases) {
      if (pixels <= BUDGET || this.atlases.size === 1) return;
      pixels -= atlas.width * atlas.height;
      this.atlases.delete(number);
      atlas.close();
    }
  }
}
