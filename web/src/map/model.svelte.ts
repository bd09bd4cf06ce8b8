import { untrack } from "svelte";
import { inWords } from "../source/source.ts";
import { Bits } from "../state/bits.ts";
import type { Explorer } from "../state/explorer.svelte.ts";
import type { MapRecord } from "../state/study.ts";
import { byUnit, type Colouring, colouringOf, setOff } from "./colouring.ts";
import type { Outline } from "./overlay.ts";
import { type Places, placesOf } from "./places.ts";
import { Scene } from "./scene.ts";

/** So long after a map stands its neighbours are read, in milliseconds. */
const READ_AHEAD = 1200;

export type Tool = "pan" | "lasso" | "rectangle";

/** What the map's parts share among themselves: its tool, its key, what is on the canvas. */
export class MapModel {
  tool: Tool = $state("pan");
  outline: Outline | null = $state.raw(null);
  /** The map whose points are on the canvas. */
  standing: MapRecord | null = $state.raw(null);
  colouring: Colouring | null = $state.raw(null);
  /** The class that the reader points at in the key, which is set off against all others. */
  pointed: number | null = $state(null);
  /** Whether the key is wanted where there is no room to show it always. */
  keyAsked = $state(false);
  /** Why there is no map to see, in words; "" where there is one. */
  trouble = $state("");
  /** The layer nearest in depth that has a map, where the one in view has none. */
  nearestLayer: number | null = $state(null);
  /** Whether the part of the map in view holds no shown sample. */
  empty = $state(false);
  /** Counts frames that changed the picture, for what is drawn above it. */
  frames = $state(0);
  /** How the points are drawn: "webgl", "canvas" or "none". */
  kind = $state("");
  /** Whether all shown points stand on the canvas. */
  whole = $state(false);

  readonly scene: Scene;
  /** Which points stand on top: the few wrong ones among the right. */
  private readonly striking = $derived.by(() => {
    const { colouring } = this;
    return colouring?.column === "right" ? (row: number) => colouring.codes[row] === 0 : undefined;
  });
  /** Rows that stand out: of the class pointed at, else those selected. */
  readonly outstanding: Bits = $derived.by(() => {
    const { colouring, pointed } = this;
    const { samples, selection } = this.explorer;
    if (pointed === null || colouring?.kind !== "classes") return selection;
    return Bits.where(samples.rows, (row) => colouring.labels[row] === pointed);
  });
  private readonly held = new Map<string, Promise<Places>>();
  private places: Places | null = $state.raw(null);
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(readonly explorer: Explorer) {
    this.scene = new Scene(() => {
      this.frames++;
      this.whole = this.scene.whole;
    });
  }

  /** Follows the explorer's state; to be called while a component is made. */
  follow(): void {
    $effect(() => this.showMap(this.explorer.mapOf(this.explorer.view.layer)));
    $effect(() => this.colour());
    $effect(() => {
      const { colouring, pointed } = this;
      if (colouring?.kind === "classes" && pointed !== null) this.scene.setColours(setOff(colouring, pointed));
      else if (colouring) this.scene.setColours(colouring);
    });
    $effect(() => this.scene.setShown(this.explorer.shown, this.outstanding, this.striking));
    $effect(() => {
      // What the overlay draws from; the points themselves stay as they are.
      void [this.explorer.hovered, this.explorer.view.sample, this.explorer.view.compared, this.explorer.placed];
      void [this.outline, this.explorer.view.marks];
      this.scene.touch();
    });
  }

  /** Where points lie on a map, read once. */
  placesAt(map: MapRecord): Promise<Places> {
    const key = `map/${map.layer}/${map.method}`;
    const known = this.held.get(key);
    if (known) return known;
    const places = this.explorer.resources.table(key).then(placesOf);
    this.held.set(key, places);
    places.catch(() => this.held.delete(key));
    // A million points take 5 MB a map.
    for (const old of this.held.keys()) if (this.held.size > 24) this.held.delete(old);
    return places;
  }

  /** Shows points between two maps; the view follows when the slider is let go. */
  async scrub(from: MapRecord, to: MapRecord, share: number): Promise<void> {
    const both = await Promise.all([this.placesAt(from), this.placesAt(to)]).catch(() => null);
    if (both) this.scene.scrub(...both, share);
  }

  /** Brings the points to where the view says they are, as after scrubbing back to the same layer. */
  settle(): void {
    if (this.places) this.scene.show(this.places, !this.calm.matches);
  }

  private showMap(map: MapRecord | null): (() => void) | undefined {
    if (!map) {
      const layer = this.explorer.study.layers[this.explorer.view.layer]?.layer ?? "";
      this.trouble = `Layer ${layer} has no map in this Study. The slider goes through the layers that have one.`;
      this.nearestLayer = nearestOf(this.explorer.layersOf(), this.explorer.view.layer);
      return;
    }
    let current = true;
    let ahead: ReturnType<typeof setTimeout> | undefined;
    this.placesAt(map).then(
      (places) => {
        if (!current) return;
        const animated = untrack(() => this.places) !== null && !this.calm.matches;
        this.scene.show(places, animated);
        this.places = places;
        this.standing = map;
        this.trouble = "";
        this.nearestLayer = null;
        ahead = setTimeout(() => this.readAhead(map.layer), READ_AHEAD);
      },
      (error: unknown) => {
        if (current) this.trouble = inWords(error);
      },
    );
    return () => {
      current = false;
      clearTimeout(ahead);
    };
  }

  /** Reads the maps of the layers before and after, so that going there needs no wait. */
  private readAhead(layer: number): void {
    const layers = this.explorer.layersOf();
    const at = layers.indexOf(layer);
    for (const next of [layers[at + 1], layers[at - 1]]) {
      const map = next === undefined ? null : this.explorer.mapOf(next);
      if (map) this.placesAt(map).catch(() => undefined);
    }
  }

  private colour(): (() => void) | undefined {
    const { view, study, resources, samples } = this.explorer;
    const { colour, layer, unit } = view;
    if (colour !== "unit" || unit === null) {
      const trust = colour === "trust" ? (this.places?.trust ?? null) : null;
      this.colouring = colouringOf(this.explorer, colour, trust);
      return;
    }
    let current = true;
    const name = study.layers[layer]?.layer ?? "";
    const show = (values: Float32Array, missing = ""): void => {
      if (current) this.colouring = byUnit(unit, name, values, missing);
    };
    resources.tensor(`unit_activation/${layer}/${unit}`).then(
      (tensor) => show(tensor.values),
      (error: unknown) => show(new Float32Array(samples.rows).fill(NaN), inWords(error)),
    );
    return () => {
      current = false;
    };
  }
}

function nearestOf(layers: readonly number[], to: number): number | null {
  return layers.reduce<number | null>((best, one) => (best === null || Math.abs(one - to) < Math.abs(best - to) ? one : best), null);
}
