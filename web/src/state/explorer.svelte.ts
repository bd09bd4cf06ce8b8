import { untrack } from "svelte";
import { inLasso } from "../map/lasso.ts";
import { distinctNames } from "../parts/words.ts";
import type { Column, Frame } from "../source/frame.ts";
import { Resources } from "../source/resources.ts";
import type { Source } from "../source/source.ts";
import { Thumbnails } from "../source/thumbnails.ts";
import { Bits } from "./bits.ts";
import { fromLink, toLink } from "./link.ts";
import type { MapRecord, Study } from "./study.ts";
import { type Filter, type Lasso, START, type ViewState } from "./view.ts";

/** What the explorer tells the page around it. */
export interface ExplorerEvents {
  /** Ids that are selected now, ascending. */
  selection: Int32Array<ArrayBuffer>;
  /** The view as a link's hash, after each change. */
  view: string;
}

type Listener<K extends keyof ExplorerEvents> = (value: ExplorerEvents[K]) => void;

/**
 * One open Study: what it holds, and the one state that all views show and change.
 *
 * Samples are addressed by id outside (resources, links, events) and by row of the table `samples`
 * inside (maps, selection, colours), for the offline file may hold some of the samples only.
 */
export class Explorer {
  readonly view: ViewState = $state({ ...START });
  /** Rows that are selected. Replaced whole, by `select`. */
  selection: Bits = $state.raw(Bits.none(0));
  /** The lasso that made the selection, if it was one. */
  lasso: Lasso | null = $state.raw(null);
  /** Id of the sample under the pointer, in whichever view it is. */
  hovered: number | null = $state(null);
  /** The sample just placed live: what `POST /api/place` answered; null before. */
  placed: Placed | null = $state.raw(null);

  /** Rows that pass search and filters. */
  readonly shown: Bits = $derived.by(() => this.passing());

  /** What classes are called, no two alike: a filter and a link go by the name. */
  readonly classNames: readonly string[];

  /** Small pictures of samples. */
  readonly thumbnails: Thumbnails;

  private right: Column | undefined;
  private readonly rowsById: Map<number, number> | null;
  private readonly listeners: { [K in keyof ExplorerEvents]: Set<Listener<K>> } = {
    selection: new Set(),
    view: new Set(),
  };

  constructor(
    readonly resources: Resources,
    readonly study: Study,
    readonly samples: Frame,
  ) {
    this.classNames = distinctNames(study.data.class_names);
    this.thumbnails = new Thumbnails(resources, study.thumbnails);
    const ids = samples.numbers("id");
    const plain = ids.every((id, row) => id === row);
    this.rowsById = plain ? null : new Map(Array.from(ids, (id, row) => [id, row]));
    this.selection = Bits.none(samples.rows);
    this.view.method = this.methodsOf(0)[0] ?? this.study.maps[0]?.method ?? "pca";
    this.view.layer = this.study.maps.find((map) => map.method === this.view.method)?.layer ?? 0;
    this.view.colour = this.colourings()[0] ?? "";
  }

  static async open(source: Source): Promise<Explorer> {
    const resources = new Resources(source);
    const [study, samples] = await Promise.all([
      resources.json<Study>("study"),
      resources.table("samples"),
    ]);
    return new Explorer(resources, study, samples);
  }

  /** A column of `samples`, or "right", which says of each whether its prediction is. */
  column(name: string): Column | undefined {
    if (name !== "right" || this.samples.column("right")) return this.samples.column(name);
    this.right ??= rightOf(this.samples);
    return this.right;
  }

  /** The row of a sample, or -1 where this door does not hold it. */
  rowOf(id: number): number {
    if (this.rowsById) return this.rowsById.get(id) ?? -1;
    return id >= 0 && id < this.samples.rows ? id : -1;
  }

  idOf(row: number): number {
    return this.samples.numbers("id")[row];
  }

  /** Methods that a layer's map was made by, in the order of the whole list. */
  methodsOf(layer: number): string[] {
    return this.study.maps.filter((map) => map.layer === layer).map((map) => map.method);
  }

  /** Layers that have a map by a method, or by any, in order of depth. */
  layersOf(method?: string): number[] {
    const layers = this.study.maps.filter((map) => !method || map.method === method).map((map) => map.layer);
    return [...new Set(layers)].sort((a, b) => a - b);
  }

  /** A layer's map: by the view's method, else by the first that the layer has; null where it has none. */
  mapOf(layer: number): MapRecord | null {
    const maps = this.study.maps.filter((map) => map.layer === layer);
    return maps.find((map) => map.method === this.view.method) ?? maps[0] ?? null;
  }

  /** Everything that the map can be coloured by, apart from a unit. */
  colourings(): string[] {
    const columns = this.samples.names.filter(
      (name) => name !== "id" && this.samples.column(name)?.kind !== "lists" && this.samples.column(name)?.kind !== "texts",
    );
    const first = ["label", "predicted"].filter((name) => columns.includes(name));
    const right = this.column("right") ? ["right"] : [];
    const rest = columns.filter((name) => !first.includes(name) && !right.includes(name));
    return [...new Set([...first, ...right, ...rest, "trust"])];
  }

  /** Selects rows; views call this and nothing else. */
  select(rows: Bits, lasso: Lasso | null = null): void {
    if (rows.equals(this.selection)) {
      this.lasso = lasso ?? this.lasso;
      return;
    }
    this.lasso = lasso;
    this.selection = rows;
    this.tell("selection", this.selectedIds());
  }

  selectIds(ids: Iterable<number>): void {
    const rows: number[] = [];
    for (const id of ids) rows.push(this.rowOf(id));
    this.select(Bits.of(this.samples.rows, rows));
  }

  selectedIds(): Int32Array<ArrayBuffer> {
    const rows = this.selection.rows();
    if (this.rowsById) for (let i = 0; i < rows.length; i++) rows[i] = this.idOf(rows[i]);
    return rows;
  }

  /** Takes search and filters away. */
  showAll(): void {
    this.view.search = "";
    this.view.filters = [];
  }

  /** Brings a sample into focus; a second one beside it where `beside`. */
  focus(id: number | null, beside = false): void {
    if (beside && this.view.sample !== null && id !== this.view.sample) this.view.compared = id;
    else {
      this.view.sample = id;
      if (id === null || id === this.view.compared) this.view.compared = null;
    }
  }

  /** Goes to a layer; keeps the method where the layer has it, the unit only where it is the same layer. */
  goTo(layer: number): void {
    if (layer === this.view.layer) return;
    this.view.unit = null;
    if (this.view.colour === "unit") this.view.colour = this.colourings()[0] ?? "";
    this.view.layer = layer;
  }

  /** Colours the map by a unit's activation, or goes back to the colours before. */
  showUnit(unit: number | null): void {
    this.view.unit = unit;
    if (unit !== null) this.view.colour = "unit";
    else if (this.view.colour === "unit") this.view.colour = this.colourings()[0] ?? "";
  }

  /** Takes every view to the evidence of a finding. */
  showFinding(index: number): void {
    const finding = this.study.findings[index];
    if (!finding) return;
    this.view.finding = index;
    if (finding.layer_index !== null && finding.layer_index !== undefined) this.goTo(finding.layer_index);
    if (finding.samples.length) {
      this.selectIds(finding.samples);
      this.focus(finding.samples[0]);
    }
  }

  /** The state as a link's hash; changes of what it reads make effects run again. */
  link(): string {
    return toLink(this.view, this.selectedIds(), this.lasso);
  }

  /** Takes the state from a link's hash; false where it is none. The selection may be kept as it is. */
  async follow(hash: string, keepSelection = false): Promise<boolean> {
    const linked = fromLink(hash);
    if (!linked) return false;
    const { view } = linked;
    const layer = view.layer < this.study.layers.length ? view.layer : this.view.layer;
    const colours = view.unit === null ? this.colourings() : [...this.colourings(), "unit"];
    const known = (id: number | null): number | null => (id !== null && this.rowOf(id) >= 0 ? id : null);
    Object.assign(this.view, view, {
      layer,
      method: this.study.maps.some((map) => map.method === view.method) ? view.method : this.view.method,
      colour: [view.colour, this.view.colour].find((name) => colours.includes(name)) ?? colours[0] ?? "",
      sample: known(view.sample),
      compared: known(view.compared),
      finding: view.finding !== null && view.finding < this.study.findings.length ? view.finding : null,
    });
    if (keepSelection) return true;
    if (linked.lasso) await this.selectLasso(linked.lasso);
    else this.selectIds(linked.ids);
    return true;
  }

  /** Selects the rows that lie within a lasso on its map. */
  async selectLasso(lasso: Lasso): Promise<void> {
    const places = await this.resources.table(`map/${lasso.layer}/${lasso.method}`);
    this.select(inLasso(places.numbers("x"), places.numbers("y"), lasso.corners), lasso);
  }

  on<K extends keyof ExplorerEvents>(event: K, listener: Listener<K>): () => void {
    this.listeners[event].add(listener);
    return () => this.listeners[event].delete(listener);
  }

  tell<K extends keyof ExplorerEvents>(event: K, value: ExplorerEvents[K]): void {
    for (const listener of this.listeners[event]) listener(value);
  }

  private passing(): Bits {
    const tests = this.view.filters.map((filter) => this.testOf(filter));
    const found = this.searching(this.view.search.trim().toLowerCase());
    if (found) tests.push(found);
    return untrack(() => Bits.where(this.samples.rows, (row) => tests.every((test) => test(row))));
  }

  private testOf(filter: Filter): (row: number) => boolean {
    const column = this.column(filter.column);
    if (!column) return () => true;
    if ("values" in filter) {
      const wanted = new Set(filter.values);
      const names = column.kind === "categories" ? column.names : this.namesOf(filter.column);
      if (!names.length || column.kind === "lists" || column.kind === "texts")
        return (row) => wanted.has(this.text(filter.column, row));
      const codes = column.kind === "categories" ? column.codes : column.values;
      const codesWanted = new Set(names.flatMap((name, code) => (wanted.has(name) ? [code] : [])));
      return (row) => codesWanted.has(codes[row]);
    }
    if (column.kind !== "numbers") return () => true;
    const { values } = column;
    return (row) => values[row] >= filter.low && values[row] <= filter.high;
  }

  private searching(words: string): ((row: number) => boolean) | null {
    if (!words) return null;
    const id = /^#?(\d+)$/.exec(words)?.[1];
    if (id !== undefined) return (row) => this.idOf(row) === Number(id);
    const tests = this.samples.names.flatMap((name) => this.holding(name, words));
    return (row) => tests.some((test) => test(row));
  }

  // Names are compared once a class, not once a sample: there may be a million.
  private holding(name: string, words: string): ((row: number) => boolean)[] {
    const column = this.samples.column(name);
    if (column?.kind === "texts") return [(row) => column.text(row).toLowerCase().includes(words)];
    const names = column?.kind === "categories" ? column.names : this.namesOf(name);
    if (!names.length || !column || column.kind === "lists") return [];
    const found = new Set(names.flatMap((one, code) => (one.toLowerCase().includes(words) ? [code] : [])));
    const codes = column.kind === "categories" ? column.codes : column.values;
    return found.size ? [(row) => found.has(codes[row])] : [];
  }

  /** Names of a column's whole numbers; none where they are just numbers. */
  namesOf(column: string): readonly string[] {
    return /^(label|predicted|suspected_label|selective_class)$/.test(column) ? this.classNames : [];
  }

  /** A cell in words: the class's name for label and predicted. */
  text(name: string, row: number): string {
    return cell(this.column(name), row, this.namesOf(name));
  }
}

/** The answer of `POST place`; x and y are in the map's own coordinates, as its `bounds` are. */
export interface Placed {
  readonly predicted: number;
  readonly probabilities: readonly number[];
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number };
  readonly places: readonly {
    readonly layer: number;
    readonly method: string;
    readonly x: number;
    readonly y: number;
    readonly trust: number;
    readonly unlike: boolean;
  }[];
  readonly activations: readonly number[];
  readonly token: string;
  /** What was done to the image before the network saw it, a sentence each. */
  readonly done?: readonly string[];
}

function rightOf(samples: Frame): Column | undefined {
  const [label, predicted] = [samples.column("label"), samples.column("predicted")];
  if (label?.kind !== "numbers" || predicted?.kind !== "numbers") return undefined;
  const codes = new Int32Array(samples.rows).fill(-1);
  for (let row = 0; row < codes.length; row++)
    if (label.values[row] >= 0 && predicted.values[row] >= 0) codes[row] = Number(label.values[row] === predicted.values[row]);
  return { kind: "categories", codes, names: ["wrong", "right"] };
}

function cell(column: Column | undefined, row: number, names: readonly string[]): string {
  switch (column?.kind) {
    case "numbers":
      return names[column.values[row]] ?? String(column.values[row]);
    case "categories":
      return column.names[column.codes[row]] ?? "";
    case "texts":
      return column.text(row);
    case "lists":
      return column.list(row).join(" ");
    default:
      return "";
  }
}
