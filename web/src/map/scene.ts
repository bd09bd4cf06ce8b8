import type { Numbers } from "../source/frame.ts";
import type { Bits } from "../state/bits.ts";
import { between, type Camera, fitted, kept, zoomed } from "./camera.ts";
import { type Middle, middlesOf } from "./middles.ts";
import { nextOf, type Order, orderOf, type Piece, sampleOf, shuffled } from "./order.ts";
import { type Places, placesBetween } from "./places.ts";
import type { Colours, PointRenderer, Style } from "./renderer.ts";

/** So long after the last movement the view counts as at rest, in milliseconds. */
const REST = 160;
const MORPH = 900;
/** How far one can zoom out and in, beside the whole map. */
const FARTHEST = 0.4;
const NEAREST = 400;
/** A frame that takes longer gets fewer points, one that is quicker gets more, in milliseconds. */
const SLOW = 45;
const QUICK = 24;
const FEWEST = 10_000;
const MOST = 4_000_000;
/** Where drawing itself can be timed, it may take so long a frame. */
const SHARE_OF_FRAME = 15;

/**
 * The points of a map on a canvas, and when to draw how many of them.
 *
 * While the view moves, a fair sample is drawn that the machine can draw in a frame; at rest the
 * others follow, piece by piece, so that no frame ever takes long.
 */
export class Scene {
  camera: Camera = { x: 32768, y: 32768, scale: 0.01 };
  /** Whether the camera shows the whole map because nobody moved it. */
  follows = true;
  width = 1;
  height = 1;
  ratio = 1;
  share = 1;
  order: Order = { rows: new Uint32Array(), plain: 0 };

  private from: Places | null = null;
  private to: Places | null = null;
  private random = new Uint32Array();
  private renderer: PointRenderer | null = null;
  private colours: Colours | null = null;
  private budget = 50_000;
  private drawn = 0;
  private movedAt = -Infinity;
  private morph: { start: number; camera: Camera; target: Camera } | null = null;
  private held: { readonly labels: Numbers; readonly middles: readonly Middle[] } | null = null;
  private frame = 0;
  private lastFrame = NaN;

  /** `changed` is called in each frame in which the picture or the places changed. */
  constructor(private readonly changed: () => void) {}

  get places(): Places | null {
    return this.to;
  }

  get kind(): string {
    return this.renderer?.kind ?? "none";
  }

  /** Whether every shown point stands on the canvas. */
  get whole(): boolean {
    return this.drawn >= this.order.rows.length && !this.morph && !this.moving(performance.now());
  }

  use(renderer: PointRenderer): void {
    this.renderer = renderer;
    this.budget = renderer.firstBudget;
    renderer.resize(this.width, this.height, this.ratio);
    if (this.from && this.to) renderer.setPlaces(this.from, this.to);
    if (this.colours) renderer.setColours(this.colours);
    renderer.setOrder(this.order.rows);
    this.redraw();
  }

  resize(width: number, height: number, ratio: number): void {
    [this.width, this.height, this.ratio] = [Math.max(width, 1), Math.max(height, 1), ratio];
    this.renderer?.resize(this.width, this.height, ratio);
    if (this.follows) this.camera = this.target();
    this.redraw();
  }

  /** Shows a map; the points travel there where `animated`. */
  show(places: Places, animated: boolean): void {
    const before = this.to && placesBetween(this.from ?? this.to, this.to, this.share);
    const travels = animated && before !== null && before.x.length === places.x.length;
    this.set(travels ? before : places, places, travels ? 0 : 1);
    const target = this.target();
    this.morph = travels ? { start: -1, camera: this.camera, target } : null;
    if (!travels && this.follows) this.camera = target;
    this.move();
  }

  /** Shows points a share of the way between two maps, as the reader drags the slider. */
  scrub(from: Places, to: Places, share: number): void {
    if (from !== this.from || to !== this.to) this.set(from, to, share);
    this.share = share;
    this.morph = null;
    if (this.follows) this.camera = between(this.fit(from), this.fit(to), share);
    this.move();
  }

  setColours(colours: Colours): void {
    this.colours = colours;
    this.renderer?.setColours(colours);
    this.redraw();
  }

  setShown(shown: Bits, selection: Bits, striking?: (row: number) => boolean): void {
    if (this.random.length !== shown.size) this.random = shuffled(shown.size);
    this.held = null;
    this.order = orderOf(this.random, shown, selection, striking);
    this.renderer?.setOrder(this.order.rows);
    this.redraw();
  }

  look(camera: Camera): void {
    this.camera = this.to ? kept(camera, this.to.box) : camera;
    this.follows = false;
    this.morph = null;
    if (this.share < 1 && this.to) this.set(this.to, this.to, 1);
    this.move();
  }

  /** Zooms by a factor, what is under (sx, sy) staying there; the middle of the view where it is not said. */
  zoomBy(factor: number, sx = this.width / 2, sy = this.height / 2, from = this.camera): void {
    const whole = this.target().scale;
    const next = Math.min(Math.max(from.scale * factor, whole * FARTHEST), whole * NEAREST);
    this.look(zoomed(from, this.width, this.height, next / from.scale, sx, sy));
  }

  fitAll(): void {
    this.follows = true;
    this.camera = this.target();
    this.move();
  }

  /** Where a row is now, on its way between two maps. */
  placeOf(row: number): [number, number] {
    const { from, to, share } = this;
    if (!from || !to) return [0, 0];
    return [from.x[row] + (to.x[row] - from.x[row]) * share, from.y[row] + (to.y[row] - from.y[row]) * share];
  }

  /** Where each class that stands out lies, or each that is shown where none does. */
  middles(labels: Numbers): readonly Middle[] {
    if (this.held?.labels === labels) return this.held.middles;
    const { rows, plain } = this.order;
    const middles = this.to ? middlesOf(this.to, labels, plain < rows.length ? rows.subarray(plain) : rows) : [];
    this.held = { labels, middles };
    return middles;
  }

  /** Draws what lies above the points anew, as after a picture was loaded. */
  touch(): void {
    this.ask();
  }

  /** Draws all points at once, for a picture to save. */
  drawAll(): void {
    this.renderer?.clear();
    for (const piece of nextOf(this.order, 0, this.order.rows.length)) this.drawPiece(piece, 1);
    this.renderer?.show();
    this.drawn = this.order.rows.length;
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.renderer?.close();
    this.renderer = null;
  }

  /** Diameter of a point in CSS pixels. */
  pointSize(): number {
    const crowd = Math.max(this.order.rows.length, 1);
    const closeness = this.camera.scale / Math.max(this.target().scale, 1e-9);
    const base = Math.min(Math.max(26 / crowd ** 0.23, 1.2), 8);
    return Math.min(base * Math.max(closeness, 0.5) ** 0.4, 14);
  }

  private set(from: Places, to: Places, share: number): void {
    [this.from, this.to, this.share, this.held] = [from, to, share, null];
    this.renderer?.setPlaces(from, to);
  }

  private fit(places: Places): Camera {
    return fitted(places.box, this.width, this.height);
  }

  private target(): Camera {
    return this.to ? this.fit(this.to) : this.camera;
  }

  private move(): void {
    this.movedAt = performance.now();
    this.redraw();
  }

  private redraw(): void {
    this.drawn = 0;
    this.ask();
  }

  private ask(): void {
    if (!this.frame && this.renderer) this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  private moving(now: number): boolean {
    return now - this.movedAt < REST;
  }

  private tick(now: number): void {
    this.frame = 0;
    const took = now - this.lastFrame;
    this.lastFrame = now;
    if (!this.renderer || !this.colours || !this.to) return;
    this.advance(now);
    const moves = this.morph !== null || this.moving(now);
    if (moves) this.drawSample(took);
    else if (this.drawn < this.order.rows.length || this.drawn === 0) this.drawNext(took);
    this.changed();
    if (moves || this.drawn < this.order.rows.length) this.ask();
    else this.lastFrame = NaN;
  }

  private advance(now: number): void {
    if (!this.morph) return;
    if (this.morph.start < 0) this.morph.start = now;
    const time = Math.min((now - this.morph.start) / MORPH, 1);
    this.share = time < 0.5 ? 4 * time ** 3 : 1 - (-2 * time + 2) ** 3 / 2;
    if (this.follows) this.camera = between(this.morph.camera, this.morph.target, this.share);
    if (time < 1) return;
    this.morph = null;
    this.movedAt = now;
  }

  /** Learns from a frame how many points the next may hold. */
  private adapt(points: number, drew: number | null, took: number): void {
    const own = drew === null ? this.byFrame(took) : this.byDrawing(points, drew);
    this.budget = Math.min(Math.max(own, FEWEST), MOST);
  }

  private byFrame(took: number): number {
    if (took > SLOW && took < 1000) return this.budget * Math.max(SLOW / took, 0.4);
    return took < QUICK ? this.budget * 1.15 : this.budget;
  }

  private byDrawing(points: number, drew: number): number {
    // Of few points the time is mostly the clock's grain.
    if (points < FEWEST / 2) return this.budget;
    const fits = (points * SHARE_OF_FRAME) / Math.max(drew, 0.5);
    return this.budget * Math.min(Math.max(fits / this.budget, 0.5), 1.5) * 0.5 + this.budget * 0.5;
  }

  private drawSample(took: number): void {
    const all = this.order.rows.length;
    const sample = sampleOf(this.order, Math.floor(this.budget));
    const drawn = sample.reduce((sum, piece) => sum + piece.count, 0);
    const larger = Math.min(Math.max((all / Math.max(drawn, 1)) ** 0.2, 1), 2);
    this.renderer?.clear();
    for (const piece of sample) this.drawPiece(piece, larger);
    this.adapt(drawn, this.renderer?.show() ?? null, took);
    this.drawn = 0;
  }

  private drawNext(took: number): void {
    if (this.drawn === 0) this.renderer?.clear();
    const next = nextOf(this.order, this.drawn, Math.floor(this.budget));
    for (const piece of next) this.drawPiece(piece, 1);
    const drawn = next.reduce((sum, piece) => sum + piece.count, 0);
    this.adapt(drawn, this.renderer?.show() ?? null, took);
    this.drawn += drawn;
  }

  private drawPiece(piece: Piece, larger: number): void {
    const style = this.styleOf(piece.selected);
    this.renderer?.draw(this.camera, this.share, piece.start, piece.count, { ...style, size: style.size * larger });
  }

  private styleOf(selected: boolean): Style {
    const size = this.pointSize();
    if (selected) return { size: Math.max(size * 1.25, 2.5), alpha: 1 };
    const anySelected = this.order.plain < this.order.rows.length;
    const alpha = this.order.rows.length > 50_000 ? 0.65 : 0.88;
    return { size, alpha: anySelected ? 0.16 : alpha };
  }
}
