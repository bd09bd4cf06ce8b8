/** So many names are listed at once; of more, a search finds the others. */
const MOST = 1000;

export interface Found<T> {
  readonly few: readonly { readonly key: T; readonly label: number }[];
  /** How many more there are. */
  readonly more: number;
}

/** Those whose name holds the words, each with its place among all. */
export function sought<T extends { readonly name: string }>(keys: readonly T[], words: string, most = MOST): Found<T> {
  const wanted = words.trim().toLowerCase();
  const all = keys.map((key, label) => ({ key, label })).filter(({ key }) => key.name.toLowerCase().includes(wanted));
  return { few: all.slice(0, most), more: Math.max(0, all.length - most) };
}
