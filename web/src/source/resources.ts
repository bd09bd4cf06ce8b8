import { type Frame, readFrame, readTensor, type Tensor } from "./frame.ts";
import type { Source } from "./source.ts";

const BUDGET = 256 * 2 ** 20;

interface Held {
  value: Promise<unknown>;
  bytes: number;
  release?: () => void;
}

/** Resources of a source, read into what views draw and kept while they fit a budget of memory. */
export class Resources {
  private readonly held = new Map<string, Held>();
  private bytes = 0;

  constructor(
    readonly source: Source,
    private readonly budget = BUDGET,
  ) {}

  json<T>(resource: string): Promise<T> {
    return this.read(resource, (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T);
  }

  table(resource: string): Promise<Frame> {
    return this.read(resource, readFrame);
  }

  tensor(resource: string): Promise<Tensor> {
    return this.read(resource, readTensor);
  }

  /** An address for `<img src>`; it holds as long as the explorer is open. */
  picture(resource: string): Promise<string> {
    return this.read(resource, (bytes) => URL.createObjectURL(new Blob([bytes], { type: imageType(bytes) })), URL.revokeObjectURL);
  }

  /** A decoded picture that is the caller's to close. */
  async freshBitmap(resource: string): Promise<ImageBitmap> {
    const bytes = await this.source.get(resource);
    return createImageBitmap(new Blob([bytes], { type: imageType(bytes) }));
  }

  /** Forgets everything and frees addresses. */
  close(): void {
    for (const one of this.held.values()) one.release?.();
    this.held.clear();
    this.bytes = 0;
  }

  private read<T>(
    key: string,
    convert: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T>,
    release?: (value: T) => void,
  ): Promise<T> {
    const known = this.held.get(key);
    if (known) {
      this.held.delete(key);
      this.held.set(key, known);
      return known.value as Promise<T>;
    }
    const one: Held = { value: Promise.resolve(), bytes: 0 };
    const value = this.source.get(key).then(async (bytes) => {
      const converted = await convert(bytes);
      one.bytes = bytes.length;
      this.bytes += bytes.length;
      if (release) one.release = () => release(converted);
      this.shrink(key);
      return converted;
    });
    one.value = value;
    this.held.set(key, one);
    value.catch(() => this.held.delete(key));
    return value;
  }

  // Pictures stay: an element on the page may still show them, and they are few.
  private shrink(except: string): void {
    for (const [key, one] of this.held) {
      if (this.bytes <= this.budget) return;
      if (key === except || one.release || one.bytes === 0) continue;
      this.held.delete(key);
      this.bytes -= one.bytes;
    }
  }
}

function imageType(bytes: Uint8Array): string {
  if (bytes[0] === 0x89) return "image/png";
  return bytes[0] === 0x52 ? "image/webp" : "image/jpeg";
}
