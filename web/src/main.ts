import "./design/tokens.css";
import "./design/base.css";
import { mount as mountComponent, unmount } from "svelte";
import App from "./App.svelte";
import Trouble from "./Trouble.svelte";
import { bringToLife } from "./report/sections.svelte.ts";
import { EmbeddedSource } from "./source/embedded.ts";
import { HttpSource } from "./source/http.ts";
import { inWords, type Source } from "./source/source.ts";
import { type WidgetModel, WidgetSource } from "./source/widget.ts";
import { Explorer } from "./state/explorer.svelte.ts";
import { linkToAddress, linkToWidget } from "./state/links.svelte.ts";

export type Door = "live" | "report" | "widget";

/** An explorer on a page; `close` takes it away again. */
export interface Mounted {
  readonly explorer: Explorer;
  close(): void;
}

/**
 * Shows a source's Study in an element.
 *
 * Resolves when the explorer stands. Where the Study cannot be read, the element says why and the
 * promise is rejected.
 */
export async function mount(target: Element, source: Source, door: Door): Promise<Mounted> {
  try {
    const explorer = await Explorer.open(source);
    target.replaceChildren();
    const app = mountComponent(App, { target, props: { explorer, door } });
    target.setAttribute("data-ready", "");
    return {
      explorer,
      close() {
        void unmount(app);
        explorer.resources.close();
      },
    };
  } catch (error) {
    target.replaceChildren();
    mountComponent(Trouble, { target, props: { words: inWords(error) } });
    throw error;
  }
}

/** The third door: what anywidget calls for each place a notebook shows the widget at. */
async function render({ model, el }: { model: WidgetModel; el: HTMLElement }) {
  el.addEventListener("focusin", keepKeys);
  const source = new WidgetSource(model);
  const { explorer, close } = await mount(el, source, "widget");
  const unlink = linkToWidget(explorer, model);
  return () => {
    el.removeEventListener("focusin", keepKeys);
    unlink();
    close();
    source.close();
  };
}

/** Elsewhere than in text fields JupyterLab takes a focused element's keys for its own: x would cut the cell. */
function keepKeys({ target }: FocusEvent): void {
  if (target instanceof Element) target.setAttribute("data-lm-suppress-shortcuts", "");
}

export default { render };

/** The first two doors: the page holds an element for the explorer. */
async function start(target: HTMLElement): Promise<void> {
  const { api } = target.dataset;
  const source = api === undefined ? new EmbeddedSource(document) : new HttpSource(api);
  const { explorer } = await mount(target, source, api === undefined ? "report" : "live");
  await linkToAddress(explorer);
  const page = document.querySelector("main");
  if (api === undefined && page) bringToLife(explorer, page, target);
}

const target = document.querySelector<HTMLElement>("#cutaway-explorer");
if (target && !target.hasAttribute("data-started")) {
  target.setAttribute("data-started", "");
  start(target).catch((error: unknown) => console.error(inWords(error)));
}
