/** What the reader looks at, apart from the selected rows: plain values, so that a link can hold it. */
export interface ViewState {
  /** Row number of the layer in the study's `layers`; every room shows this layer. */
  layer: number;
  /** Method of the map: "pca", "tsne", "umap", "autoencoder". */
  method: string;
  /** What colours the map: a column of `samples`, or "right", "trust", "unit". */
  colour: string;
  /** Id of the sample in focus. */
  sample: number | null;
  /** Id of the sample it is compared with. */
  compared: number | null;
  /** A unit or channel of `layer`. */
  unit: number | null;
  /** Place of the chosen finding in the study's list. */
  finding: number | null;
  /** What was typed into the search: an id, a class name, or text of any column. */
  search: string;
  filters: readonly Filter[];
  /** What stands for a sample on the map: "" for points, which give way to pictures where there is room, or "images". */
  marks: "" | "images";
  theme: "auto" | "light" | "dark";
  /** Which panels are open, as `chrome/rooms.ts` writes it; empty for those at the start. */
  rooms: string;
}

/** A condition on a column of `samples`; samples must meet all. */
export type Filter =
  | { readonly column: string; readonly low: number; readonly high: number }
  | { readonly column: string; readonly values: readonly string[] };

/** How a selection was made, where that is shorter to say than its ids. */
export interface Lasso {
  readonly layer: number;
  readonly method: string;
  /** Corners x0, y0, x1, y1, ... in map coordinates, 0 to 65535. */
  readonly corners: readonly number[];
}

export const START: Readonly<ViewState> = {
  layer: 0,
  method: "",
  colour: "",
  sample: null,
  compared: null,
  unit: null,
  finding: null,
  search: "",
  filters: [],
  marks: "",
  theme: "auto",
  rooms: "",
};
