import type { OutputForm } from "../parts/predictions.ts";
/** The resource `study`, as web/PROTOCOL.md describes it. */
export interface Study {
  readonly schema: number;
  readonly version: string;
  readonly title: string;
  readonly door?: "server" | "report" | "widget";
  readonly data: {
    readonly name: string;
    readonly split: string;
    readonly splits: readonly string[];
    readonly class_names: readonly string[];
    readonly samples: number;
    readonly channels?: number;
    readonly height?: number;
    readonly width?: number;
  };
  readonly model: { readonly name: string; readonly parameters: number; readonly outputs?: OutputForm };
  readonly layers: readonly Layer[];
  readonly maps: readonly MapRecord[];
  readonly findings: readonly FindingRecord[];
  readonly thumbnails: Thumbnails | null;
  readonly kept: readonly number[];
  readonly filters: readonly number[];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly live: {
    readonly model: boolean;
    readonly place: boolean;
    readonly draw: boolean;
    readonly channels: number;
    readonly height: number;
    readonly width: number;
  };
  readonly omitted: readonly string[];
  readonly calibration?: unknown;
  readonly attribution?: { readonly methods?: readonly string[]; readonly [key: string]: unknown } | null;
  readonly has: Readonly<Record<string, boolean>>;
}

/** A row of the study's `layers`; further columns as they are. */
export interface Layer {
  readonly layer: string;
  readonly type: string;
  readonly shape: readonly number[] | string;
  readonly parameters: number;
  readonly [column: string]: unknown;
}

export interface MapRecord {
  readonly layer: number;
  readonly method: string;
  readonly trustworthiness: number | null;
  readonly continuity: number | null;
  readonly neighbours_kept: number | null;
  readonly shepard: number | null;
}

export interface FindingRecord {
  readonly kind: string;
  readonly title: string;
  readonly text: string;
  readonly figure: string | null;
  readonly layer: string | null;
  readonly layer_index: number | null;
  readonly severity: string | number;
  readonly samples: readonly number[];
}

export interface Thumbnails {
  readonly count: number;
  /** Pixels a side. */
  readonly size: number;
  readonly columns: number;
  readonly rows_per_atlas: number;
  readonly atlases: number;
  /** Ids in the order of the atlases, where that is not 0, 1, 2, ... */
  readonly ids?: readonly number[] | null;
}
