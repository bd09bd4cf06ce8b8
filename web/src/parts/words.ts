/** Numbers and names as a reader meets them. */

const COUNTS = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A whole number with separators: 106,762. */
export function counted(value: number): string {
  return COUNTS.format(value);
}

/** A number and what it counts, in the singular where it is one. */
export function some(value: number, one: string, many = `${one}s`): string {
  return `${counted(value)} ${value === 1 ? one : many}`;
}

/** A share of one as a percentage; an unknown one is a dash. */
export function percent(share: number | null | undefined, digits = 1): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  return `${(share * 100).toFixed(digits)}%`;
}

/** A number to three figures, with a true minus sign; an unknown one is a dash. */
export function figure(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6)
      ? value.toExponential(digits - 1)
      : String(Number(value.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

/** A shape: 32 × 8 × 8. */
export function shaped(shape: readonly number[] | string | null | undefined): string {
  if (shape === null || shape === undefined) return "";
  const sizes = typeof shape === "string" ? (shape.match(/\d+/g) ?? []) : shape;
  return sizes.join(" × ");
}

/** One line of printable text of at most `limit` characters, the middle left out. */
export function shortened(text: string, limit = 24): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  const characters = [...line];
  if (characters.length <= limit) return line;
  const tail = Math.floor(((limit - 1) * 2) / 5);
  return `${characters.slice(0, limit - 1 - tail).join("")}…${characters.slice(-tail).join("")}`;
}

/** Marks that put the writing after them, or within them, in another order. */
const ORDERING = /[\u202a-\u202e\u2066-\u2069]/gu;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** A name for use within a sentence, whose other words it cannot put in another order. */
export function isolated(name: string): string {
  const plain = name.replace(ORDERING, " ");
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
}

/** Names of which no two are equal: those that several classes share are told apart by the class's number. */
export function distinctNames(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const shared = new Set(names.filter((name) => seen.size === seen.add(name).size));
  return shared.size ? names.map((name, label) => (shared.has(name) ? `${name} (class ${label})` : name)) : names;
}

/** The name of a class for a sentence, or its number where it has none. */
export function className(names: readonly string[], label: number): string {
  if (label < 0) return "unlabelled";
  return isolated(names[label] ?? String(label));
}

/** Words joined as in a sentence: a, b and c. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
