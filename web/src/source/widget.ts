import { Absent, type Source } from "./source.ts";

/** The part of anywidget's model that the explorer uses. */
export interface WidgetModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: (...values: never[]) => void): void;
  off(event: string, callback?: (...values: never[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[] | ArrayBufferView[]): void;
}

interface Waiting {
  resource: string;
  resolve(bytes: Uint8Array<ArrayBuffer>): void;
  reject(error: Error): void;
}

/** Resources by a notebook widget's messages. */
export class WidgetSource implements Source {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  constructor(private readonly model: WidgetModel) {
    model.on("msg:custom", this.receive);
  }

  get(resource: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.ask({ kind: "get", resource }, resource);
  }

  readonly place = async (image: Blob, drawn: boolean): Promise<unknown> => {
    const answer = await this.ask({ kind: "place", drawn }, "place", [await image.arrayBuffer()]);
    return JSON.parse(new TextDecoder().decode(answer));
  };

  /** Stops listening; a notebook shows and hides a widget many times. */
  close(): void {
    this.model.off("msg:custom", this.receive);
    for (const one of this.waiting.values()) one.reject(new Absent("This view was closed."));
    this.waiting.clear();
  }

  private ask(content: object, resource: string, buffers: ArrayBuffer[] = []) {
    const id = ++this.last;
    return new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      this.waiting.set(id, { resource, resolve, reject });
      this.model.send({ ...content, id }, undefined, buffers);
    });
  }

  private readonly receive = (message: { id: number; status: string }, buffers: DataView[]): void => {
    const one = this.waiting.get(message.id);
    if (!one) return;
    this.waiting.delete(message.id);
    const view = buffers[0];
    // The kernel's buffer is a view at any offset, and arrow wants aligned memory of its own.
    const bytes = view
      ? new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength).slice()
      : new Uint8Array();
    if (message.status === "ok") one.resolve(bytes);
    else one.reject(new Absent(detailOf(bytes) ?? `This view has no ${one.resource}.`));
  };
}

function detailOf(bytes: Uint8Array): string | undefined {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as { detail?: string }).detail;
  } catch {
    return undefined;
  }
}
