/** So many names are listed at once; of more, a search finds the others. */
const MOST = 1000;

export interface Found<T> {
  readonly few: readonly { readonly key: T; readonly label: number }[];
  /** How many more there are. */
  readonly more: number;
}

const NONE: ReadonlySet<string> = new Set();

/** Those whose name holds the words, each with its place among all; the ones named `first` stand first. */
export function sought<T extends { readonly name: string }>(keys: readonly T[], words: string, most = MOST, first = NONE): Found<T> {
  const wanted = words.trim().toLowerCase();
  const all = keys.map((key, label) => ({ key, label })).filter(({ key }) => key.name.toLowerCase().includes(wanted));
  const leads = ({ key }: { readonly key: T }): number => Number(first.has(key.name));
  if (first.size) all.sort((one, other) => leads(other) - leads(one));
  return { few: all.slice(0, most), more: Math.max(0, all.length - most) };
}
