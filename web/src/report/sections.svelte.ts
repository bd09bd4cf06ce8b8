import type { Explorer } from "../state/explorer.svelte.ts";
import { goToMark, isInView, leadsSomewhere, type Mark, MARKED, markOf } from "./marks.ts";

interface Place {
  readonly element: HTMLElement;
  readonly handle: HTMLButtonElement;
  readonly mark: Mark;
}

/**
 * Brings the sections of the report around an explorer to life: what they mark leads there, and what is
 * chosen there is marked in them.
 *
 * Each marked part gets a button, so that it can be reached by keyboard; on a picture the drawing itself
 * can be clicked, too.
 */
export function bringToLife(explorer: Explorer, page: HTMLElement, target: HTMLElement): () => void {
  const back = backButton();
  const places: Place[] = [];
  for (const element of page.querySelectorAll<HTMLElement>(MARKED)) {
    if (target.contains(element)) continue;
    const mark = markOf(element.dataset);
    if (!leadsSomewhere(explorer, mark)) continue;
    const handle = handleIn(element);
    const go = (): void => {
      goToMark(explorer, mark);
      back.cameFrom(element, handle);
      lookAt(target);
    };
    handle.addEventListener("click", go);
    element.querySelector(":scope > div > svg")?.addEventListener("click", go);
    places.push({ element, handle, mark });
  }
  page.append(back.button);
  const stop = $effect.root(() => {
    $effect(() => {
      for (const { element, handle, mark } of places) {
        const now = isInView(explorer, mark);
        element.classList.toggle("in-view", now);
        if (now) handle.setAttribute("aria-current", "true");
        else handle.removeAttribute("aria-current");
      }
    });
  });
  return () => {
    stop();
    back.button.remove();
  };
}

/** The button by which a part leads to the explorer: around its image or name, else after its words. */
function handleIn(element: HTMLElement): HTMLButtonElement {
  const handle = document.createElement("button");
  handle.type = "button";
  handle.className = "leads";
  const held = element.matches("code, .shown > li") ? element.childNodes : element.querySelectorAll(":scope > img, th > code");
  if (held.length) {
    const [first] = held;
    first.replaceWith(handle);
    handle.append(first);
    if (first instanceof HTMLImageElement) handle.setAttribute("aria-label", `${first.alt}: show it in the explorer`);
    handle.title = "Show it in the explorer";
    return handle;
  }
  handle.classList.add("chip");
  handle.textContent = "Show in the explorer";
  const title = element.querySelector("figcaption b, h3, h4");
  handle.setAttribute("aria-label", `Show in the explorer: ${title?.lastChild?.textContent ?? ""}`);
  const words = element.querySelector(":scope > figcaption") ?? element.querySelector(":scope > .advice, :scope > p") ?? element;
  words.append(" ", handle);
  return handle;
}

function lookAt(target: HTMLElement): void {
  target.scrollIntoView({ block: "start" });
  target.querySelector<HTMLElement>("[role=tabpanel]")?.focus({ preventScroll: true });
}

/** A button that leads back to the part of the page from which the reader came. */
function backButton(): { button: HTMLButtonElement; cameFrom(element: HTMLElement, handle: HTMLElement): void } {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "back";
  button.hidden = true;
  let before: HTMLElement | null = null;
  button.addEventListener("click", () => {
    button.hidden = true;
    before?.scrollIntoView({ block: "center" });
    before?.focus({ preventScroll: true });
  });
  return {
    button,
    cameFrom(element, handle) {
      before = handle;
      const section = element.closest("section")?.querySelector("h2")?.textContent ?? "";
      button.textContent = `Back to ${section}`;
      button.hidden = false;
    },
  };
}
