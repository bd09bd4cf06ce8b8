import type { WidgetModel } from "../source/widget.ts";
import { toLink } from "./link.ts";
import { type Filter, START, type ViewState } from "./view.ts";
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
 * Keeps a notebook widget's traits and the view equal, both ways: `view` is the state as an object and
 * `selection` the list of selected ids.
 */
export function linkToWidget(explorer: Explorer, model: WidgetModel): () => void {
  const save = (name: string, value: unknown): void => {
    model.set(name, value);
    model.save_changes();
  };
  const followView = (): void => void explorer.follow(linkOf(model.get("view")) ?? "", true);
  const followSelection = (): void => {
    const ids: unknown = model.get("selection");
    if (Array.isArray(ids)) explorer.selectIds(ids.filter(Number.isInteger) as number[]);
  };
  followView();
  followSelection();
  model.on("change:view", followView);
  model.on("change:selection", followSelection);
  const stopView = onLink(explorer, () => {
    const view: ViewState = $state.snapshot(explorer.view) as ViewState;
    if (linkOf(view) !== linkOf(model.get("view"))) save("view", { ...view, filters: view.filters.map(finite) });
  });
  const stopSelection = explorer.on("selection", (ids) => save("selection", Array.from(ids)));
  return () => {
    stopView();
    stopSelection();
    model.off("change:view", followView);
    model.off("change:selection", followSelection);
  };
}

/** A view that came as an object, as a link, by which whatever is damaged in it drops out. */
function linkOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  try {
    const view = { ...START, ...value } as ViewState;
    return toLink({ ...view, filters: view.filters.map(infinite) }, [], null);
  } catch {
    return null;
  }
}

// JSON has no infinity: an open end of a range is null there.
function finite(filter: Filter): object {
  const end = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return "values" in filter ? filter : { ...filter, low: end(filter.low), high: end(filter.high) };
}

function infinite(filter: Filter): Filter {
  return "values" in filter ? filter : { ...filter, low: filter.low ?? -Infinity, high: filter.high ?? Infinity };
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
