import type { Tensor } from "../source/frame.ts";

/** The channels in which two activations lie farthest apart on average: a tenth of them, at least one. */
export function farthestChannels(one: Tensor, other: Tensor, share = 0.1): Set<number> {
  const channels = one.shape[0] ?? 0;
  if (!channels || one.values.length !== other.values.length) return new Set();
  const area = one.values.length / channels;
  const apart = Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let index = channel * area; index < (channel + 1) * area; index += 1)
      sum += Math.abs(one.values[index] - other.values[index]);
    return sum / area;
  });
  const order = apart.map((_, channel) => channel).sort((a, b) => apart[b] - apart[a]);
  const count = Math.max(1, Math.round(channels * share));
  return new Set(order.slice(0, count).filter((channel) => apart[channel] > 0));
}
