/** Where an explorer's resources come from; web/PROTOCOL.md says what they are. */
export interface Source {
  /** Whether new samples may be placed: only a door with a process behind it can. */
  readonly place?: (image: Blob, drawn: boolean) => Promise<unknown>;

  /** The bytes of a resource such as "map/3/pca". Rejects with `Absent` where this door lacks it. */
  get(resource: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

/** A resource that this door does not have; the message says why, in words for the reader. */
export class Absent extends Error {
  override readonly name = "Absent";
}

/** What to tell the reader of anything that was thrown. */
export function inWords(error: unknown): string {
  if (error instanceof Absent) return error.message;
  if (error instanceof DOMException && error.name === "AbortError") return "Stopped.";
  if (error instanceof TypeError) return "The explorer's server does not answer. Is it still running?";
  return error instanceof Error ? error.message : String(error);
}

/** The sentence in a refusal's JSON, or a plain one where it has none. */
export function detailOf(bytes: Uint8Array, resource: string): string {
  try {
    const answer: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof answer === "object" && answer && "detail" in answer) return String(answer.detail);
  } catch {
    // A refusal may come from a proxy that speaks no JSON.
  }
  return `This view has no ${resource}.`;
}
