import type { WidgetModel } from "../source/widget.ts";
import type { Explorer } from "./explorer.svelte.ts";

// Browsers refuse more than some hundred history changes in half a minute.
const SETTLE = 250;

/** Keeps the page's hash and the view equal, both ways, so that a link reopens the same view. */
export async function linkToAddress(explorer: Explorer): Promise<void> {
  await explorer.follow(location.hash);
  addEventListener("hashchange", () => void explorer.follow(location.hash));
  let first = true;
  onLink(explorer, (link) => {
    // A page opened at one of its sections keeps that address until the reader changes the view.
    if (!first) history.replaceState(history.state, "", `#${link}`);
    first = false;
  });
}

/**
 * Keeps a notebook widget's traits and the view equal, both ways: `view` is the link's hash and
 * `selected` the selected ids, int32 little-endian.
 */
export function linkToWidget(explorer: Explorer, model: WidgetModel): () => void {
  const save = (name: string, value: unknown): void => {
    model.set(name, value);
    model.save_changes();
  };
  const followView = (): void => {
    const view = String(model.get("view") ?? "");
    if (view && view !== explorer.link()) void explorer.follow(view);
  };
  const followSelection = (): void => {
    const ids = idsOf(model.get("selected"));
    if (ids) explorer.selectIds(ids);
  };
  followView();
  followSelection();
  model.on("change:view", followView);
  model.on("change:selected", followSelection);
  const stopView = onLink(explorer, (link) => save("view", link));
  const stopSelection = explorer.on("selection", (ids) => save("selected", new DataView(ids.buffer)));
  return () => {
    stopView();
    stopSelection();
    model.off("change:view", followView);
    model.off("change:selected", followSelection);
  };
}

function onLink(explorer: Explorer, tell: (link: string) => void): () => void {
  return $effect.root(() => {
    $effect(() => {
      const link = explorer.link();
      const timer = setTimeout(() => {
        tell(link);
        explorer.tell("view", link);
      }, SETTLE);
      return () => clearTimeout(timer);
    });
  });
}

function idsOf(value: unknown): Int32Array | null {
  if (value instanceof DataView && value.byteLength % 4 === 0)
    return new Int32Array((value.buffer as ArrayBuffer).slice(value.byteOffset, value.byteOffset + value.byteLength));
  return null;
}
