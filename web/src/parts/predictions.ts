/** What final activations say of the classes. */

/** Shares that add to one, the largest activation first subtracted so that none overflows. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const highest = values.reduce((best, value) => Math.max(best, value), -Infinity);
  let total = 0;
  for (let index = 0; index < values.length; index += 1) {
    values[index] = Math.exp(values[index]! - highest);
    total += values[index]!;
  }
  return values.map((value) => value / total);
}

/** What a Study calls its network's final activations; one that is older says nothing. */
export type OutputForm = "logits" | "probabilities" | "shares" | undefined;

/** Probabilities of the classes: softmax of logits; what adds to one already, or is to be made so. */
export function probabilities(outputs: ArrayLike<number>, form: OutputForm): Float64Array {
  if (form !== "probabilities" && form !== "shares") return softmax(outputs);
  const values = Float64Array.from(outputs);
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => (total > 0 ? value / total : 1 / values.length));
}

export interface ClassShare {
  readonly label: number;
  readonly share: number;
}

/** The k largest shares, largest first, and those of `also` wherever they stand. */
export function topClasses(
  shares: ArrayLike<number>,
  k: number,
  also: readonly number[] = [],
): ClassShare[] {
  const order = Array.from({ length: shares.length }, (_, label) => label);
  order.sort((one, other) => shares[other]! - shares[one]! || one - other);
  const shown = order.slice(0, k);
  for (const label of also) {
    if (label >= 0 && label < shares.length && !shown.includes(label)) shown.push(label);
  }
  return shown.map((label) => ({ label, share: shares[label]! }));
}

/** How two samples' shares compare, over the classes that matter to either. */
export function comparedClasses(
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  k: number,
  also: readonly number[] = [],
): number[] {
  const labels = [...topClasses(one, k, also), ...topClasses(other, k)].map((row) => row.label);
  const weight = (label: number) => Math.max(one[label] ?? 0, other[label] ?? 0);
  const order = [...new Set(labels)].sort((a, b) => weight(b) - weight(a) || a - b);
  return order.filter((label, place) => place < k || also.includes(label));
}
