import type { WidgetModel } from "../source/widget.ts";
import { toLink } from "./link.ts";
import type { ViewState } from "./view.ts";
import type { Explorer } from "./explorer.svelte.ts";

// Browsers refuse more than some hundred history changes in half a minute.
const SETTLE = 250;

/**
 * Keeps the page's hash and the view equal, both ways, so that a link reopens the same view.
 *
 * Another sample, unit, finding or selection is a step that the browser's Back undoes.
 */
export async function linkToAddress(explorer: Explorer): Promise<void> {
  await explorer.follow(location.hash);
  let followed = false;
  // What the reader went to: the page's own address may have been written over it since.
  addEventListener("hashchange", (event) => {
    followed = true;
    void explorer.follow(new URL(event.newURL).hash);
  });
  // A page opened at one of its sections keeps that address until the reader changes the view.
  let said = explorer.link();
  onLink(explorer, (link) => {
    const isStep = !followed && whereOf(link) !== whereOf(said);
    if (link !== said) history[isStep ? "pushState" : "replaceState"](history.state, "", `#${link}`);
    [said, followed] = [link, false];
  });
}

const WHERE = ["sample", "compared", "unit", "finding", "selection", "lasso"];

/** What of a link a reader would go back to. Layers, colours, filters and open panels change in place. */
export function whereOf(link: string): string {
  const said = new URLSearchParams(link);
  return WHERE.map((name) => said.get(name) ?? "").join("&");
}

/**
 * Keeps a notebook widget's traits and the view equal, both ways: `view` is the link's hash without the
 * selection, and `selected` the selected ids, int32 little-endian.
 */
export function linkToWidget(explorer: Explorer, model: WidgetModel): () => void {
  const save = (name: string, value: unknown): void => {
    model.set(name, value);
    model.save_changes();
  };
  const own = (): string => toLink($state.snapshot(explorer.view) as ViewState, [], null);
  const followView = (): void => {
    const view = String(model.get("view") ?? "");
    if (view && view !== own()) void explorer.follow(view, !/[&](selection|lasso)=/.test(view));
  };
  const followSelection = (): void => {
    const ids = idsOf(model.get("selected"));
    if (ids) explorer.selectIds(ids);
  };
  followView();
  followSelection();
  model.on("change:view", followView);
  model.on("change:selected", followSelection);
  const stopView = onLink(explorer, () => {
    if (model.get("view") !== own()) save("view", own());
  });
  const stopSelection = explorer.on("selection", (ids) => save("selected", new DataView(ids.buffer)));
  return () => {
    stopView();
    stopSelection();
    model.off("change:view", followView);
    model.off("change:selected", followSelection);
  };
}

function idsOf(value: unknown): Int32Array | null {
  if (!(value instanceof DataView) || value.byteLength % 4) return null;
  return new Int32Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) as ArrayBuffer);
}

function onLink(explorer: Explorer, tell: (link: string) => void): () => void {
  return $effect.root(() => {
    $effect(() => {
      // Reading the state is what makes this run again; saying it in full waits until it settles.
      $state.snapshot(explorer.view);
      void [explorer.selection, explorer.lasso];
      const timer = setTimeout(() => {
        const link = explorer.link();
        tell(link);
        explorer.tell("view", link);
      }, SETTLE);
      return () => clearTimeout(timer);
    });
  });
}
