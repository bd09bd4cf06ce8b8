import type { Explorer, Placed } from "../state/explorer.svelte.ts";
import { inWords } from "../source/source.ts";

/**
 * Sends images to be placed, one at a time; while one is under way only the newest waits.
 *
 * A drawing makes an image with every move of the hand, faster than any network answers.
 */
export class Placing {
  busy = $state(false);
  /** Why the last image could not be placed; empty where it could. */
  words = $state("");
  /** What came of the last image and how long it took, in milliseconds. */
  took = $state(0);

  private next: { image: Blob; drawn: boolean } | null = null;
  private turn = 0;

  constructor(private readonly explorer: Explorer) {}

  send(image: Blob, drawn: boolean): void {
    this.next = { image, drawn };
    if (!this.busy) void this.work();
  }

  /** Forgets what was placed, and an answer that is still to come. */
  clear(): void {
    this.next = null;
    this.turn += 1;
    this.words = "";
    this.explorer.placed = null;
  }

  private async work(): Promise<void> {
    this.busy = true;
    while (this.next) {
      const { image, drawn } = this.next;
      this.next = null;
      const { turn } = this;
      const began = performance.now();
      try {
        const placed = (await this.explorer.resources.source.place!(image, drawn)) as Placed;
        if (turn !== this.turn) continue;
        this.explorer.placed = placed;
        this.words = "";
        this.took = performance.now() - began;
      } catch (error) {
        if (turn !== this.turn) continue;
        this.words = inWords(error);
      }
    }
    this.busy = false;
  }
}
