/** Arrow keys among many things of which one is a stop of the Tab key. */

/** Where a key leads from `at` among `count` things in rows of `columns`; null where it leads nowhere. */
export function keyTarget(key: string, at: number, count: number, columns = 1): number | null {
  const steps: Record<string, number> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
  };
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = steps[key];
  if (step === undefined) return null;
  const target = at + step;
  return target < 0 || target >= count ? null : target;
}

/** How many things stand in the first row, by where they are on the page. */
export function columnsOf(tops: readonly number[]): number {
  const next = tops.findIndex((top) => Math.abs(top - tops[0]) > 2);
  return next < 0 ? Math.max(tops.length, 1) : next;
}

/** Moves the focus by arrow keys among the elements that `selector` finds in a container. */
export function roving(node: HTMLElement | SVGElement, selector: string) {
  const things = () => [...node.querySelectorAll<HTMLElement>(selector)];
  const settle = () => {
    const all = things();
    const stop = all.find((thing) => thing.tabIndex === 0 && thing.dataset.stop) ?? marked(all) ?? all[0];
    for (const thing of all) stopAt(thing, thing === stop);
  };
  const stopAt = (thing: HTMLElement, stop: boolean) => {
    const wanted = stop ? 0 : -1;
    if (thing.tabIndex !== wanted || !thing.hasAttribute("tabindex")) thing.tabIndex = wanted;
    if (stop) thing.dataset.stop = "true";
    else delete thing.dataset.stop;
  };
  const press = (event: Event) => {
    const { key, altKey, ctrlKey, metaKey } = event as KeyboardEvent;
    const all = things();
    const at = all.indexOf((event.target as HTMLElement).closest<HTMLElement>(selector)!);
    if (at < 0 || altKey || ctrlKey || metaKey) return;
    const target = keyTarget(key, at, all.length, columnsOf(all.map((thing) => thing.getBoundingClientRect().top)));
    if (target === null) return;
    event.preventDefault();
    event.stopPropagation();
    all[target]!.focus();
  };
  const arrive = (event: Event) => {
    const thing = (event.target as HTMLElement).closest<HTMLElement>(selector);
    if (thing) for (const each of things()) stopAt(each, each === thing);
  };
  const watch = new MutationObserver((changes) => {
    const selected = changes.some(({ type }) => type === "attributes") ? marked(things()) : undefined;
    if (selected) for (const each of things()) stopAt(each, each === selected);
    else settle();
  });
  watch.observe(node, { childList: true, subtree: true, attributeFilter: ["aria-selected"] });
  node.addEventListener("keydown", press);
  node.addEventListener("focusin", arrive);
  settle();
  return () => {
    watch.disconnect();
    node.removeEventListener("keydown", press);
    node.removeEventListener("focusin", arrive);
  };
}

function marked(things: readonly HTMLElement[]): HTMLElement | undefined {
  return things.find((thing) => thing.matches("[aria-current], [aria-selected=true], [aria-pressed=true]"));
}
