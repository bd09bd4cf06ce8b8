import { Absent, type Source } from "./source.ts";

/** Resources that lie in the page itself, as base64 in `<script data-resource="...">` blocks. */
export class EmbeddedSource implements Source {
  private readonly blocks = new Map<string, HTMLScriptElement>();

  constructor(page: Document) {
    for (const block of page.querySelectorAll<HTMLScriptElement>("script[data-resource]"))
      this.blocks.set(block.dataset.resource ?? "", block);
  }

  get size(): number {
    return this.blocks.size;
  }

  async get(resource: string): Promise<Uint8Array<ArrayBuffer>> {
    const block = this.blocks.get(resource);
    if (!block) throw new Absent("This file left that out. The live explorer (`cutaway explore`) shows it.");
    const bytes = decode(block.textContent ?? "");
    return block.dataset.encoding === "gzip" ? inflate(bytes) : bytes;
  }
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
