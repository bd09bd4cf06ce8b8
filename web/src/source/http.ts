import { Absent, detailOf, type Source } from "./source.ts";

/** Resources from the explorer's own server. */
export class HttpSource implements Source {
  constructor(private readonly base: string) {}

  async get(resource: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const path = resource.split("/").map(encodeURIComponent).join("/");
    return this.read(resource, path, signal ? { signal } : {});
  }

  readonly place = async (image: Blob, drawn: boolean): Promise<unknown> => {
    const type = image.type || "application/octet-stream";
    const options = { method: "POST", body: image, headers: { "Content-Type": type } };
    return JSON.parse(new TextDecoder().decode(await this.read("place", drawn ? "place?drawn=1" : "place", options)));
  };

  private async read(resource: string, path: string, options: RequestInit) {
    const answer = await fetch(this.base + path, { credentials: "same-origin", ...options });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (!answer.ok) throw new Absent(detailOf(bytes, resource));
    return bytes;
  }
}
