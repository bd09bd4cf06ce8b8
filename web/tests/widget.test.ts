import { expect, test } from "vitest";
import { whereOf } from "../src/state/links.svelte.ts";
import { type WidgetModel, WidgetSource } from "../src/source/widget.ts";

/** A notebook's model whose kernel answers at once. */
class Notebook implements WidgetModel {
  readonly listeners = new Set<(...values: never[]) => void>();
  readonly sent: unknown[] = [];
  constructor(private readonly answer: (content: { id: number; resource: string }) => [object, DataView[]]) {}
  get = (): unknown => undefined;
  set = (): void => undefined;
  save_changes = (): void => undefined;
  on = (_: string, listener: (...values: never[]) => void): void => void this.listeners.add(listener);
  off = (_: string, listener?: (...values: never[]) => void): void => void (listener && this.listeners.delete(listener));
  send(content: unknown): void {
    this.sent.push(content);
    const answer = this.answer(content as { id: number; resource: string });
    for (const listener of this.listeners) queueMicrotask(() => listener(...(answer as unknown as never[])));
  }
}

const asJson = (value: unknown): DataView => new DataView(new TextEncoder().encode(JSON.stringify(value)).buffer as ArrayBuffer);

test("each answer reaches who asked, as bytes of its own", async () => {
  const kernel = new Uint8Array([9, 9, 9, 1, 2, 3]);
  const notebook = new Notebook(({ id, resource }) =>
    resource === "gone"
      ? [{ id, status: "absent" }, [asJson({ detail: "Not kept." })]]
      : [{ id, status: "ok" }, [new DataView(kernel.buffer, 3, 3)]],
  );
  const source = new WidgetSource(notebook);
  const [one, gone] = await Promise.allSettled([source.get("study"), source.get("gone")]);
  expect(one).toMatchObject({ status: "fulfilled", value: new Uint8Array([1, 2, 3]) });
  expect(gone).toMatchObject({ status: "rejected", reason: { name: "Absent", message: "Not kept." } });
  expect(notebook.sent).toEqual([{ kind: "get", resource: "study", id: 1 }, { kind: "get", resource: "gone", id: 2 }]);
});

test("a closed view waits for nothing", async () => {
  const notebook = new Notebook(() => [{ id: -1, status: "ok" }, []]);
  const source = new WidgetSource(notebook);
  const waiting = source.get("study");
  source.close();
  await expect(waiting).rejects.toThrow("closed");
  expect(notebook.listeners.size).toBe(0);
});

test("Back leads to another sample, unit, finding or selection, not through every colour", () => {
  const at = "view&method=pca&layer=2&sample=3&selection=3-9";
  for (const same of ["view&method=umap&layer=1&sample=3&selection=3-9", `${at}&colour=loss&search=cat&filter=loss%3A0..1&rooms=a.b.c&theme=dark`])
    expect(whereOf(same)).toBe(whereOf(at));
  for (const other of ["view&sample=3", "view&sample=4&selection=3-9", `${at}&unit=1`, `${at}&finding=0`, `${at}&compared=8`])
    expect(whereOf(other)).not.toBe(whereOf(at));
});
