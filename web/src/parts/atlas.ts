import type { Thumbnails } from "../state/study.ts";

export interface TilePlace {
  readonly atlas: number;
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

/** Where the thumbnail of a sample lies; null where it has none. */
export function placeOfTile(thumbnails: Thumbnails | null, id: number): TilePlace | null {
  if (!thumbnails || id < 0) return null;
  const tile = thumbnails.ids ? indexOf(thumbnails, thumbnails.ids, id) : id;
  if (tile === undefined || tile >= thumbnails.count) return null;
  const { columns, rows_per_atlas: rows, size } = thumbnails;
  const within = tile % (columns * rows);
  return {
    atlas: Math.floor(tile / (columns * rows)),
    left: (within % columns) * size,
    top: Math.floor(within / columns) * size,
    size,
  };
}

const INDICES = new WeakMap<Thumbnails, Map<number, number>>();

function indexOf(thumbnails: Thumbnails, ids: readonly number[], id: number): number | undefined {
  let index = INDICES.get(thumbnails);
  if (!index) {
    index = new Map(ids.map((one, tile) => [one, tile]));
    INDICES.set(thumbnails, index);
  }
  return index.get(id);
}
