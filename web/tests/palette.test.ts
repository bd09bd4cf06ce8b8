import { expect, test } from "vitest";
import { classColour, type Colour, COLOURS, DISTINCT, hexOf } from "../src/design/palette.ts";

/** How the colour-blind see, on linear light: Machado, Oliveira and Fernandes (2009), https://doi.org/10.1109/TVCG.2009.113, severity 1. */
const EYES: Record<string, readonly number[]> = {
  all: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};
const TO_XYZ = [0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505];
const WHITE = [0.9505, 1, 1.089];
/** CIE76 difference that dots of a map's size still need; 2.3 is just noticeable on large patches. */
const APART = 15;

const times = (matrix: readonly number[], v: readonly number[]): number[] =>
  [0, 3, 6].map((i) => matrix[i] * v[0] + matrix[i + 1] * v[1] + matrix[i + 2] * v[2]);

function labOf(colour: Colour, eyes: readonly number[]): number[] {
  const linear = colour.map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
  const seen = times(eyes, linear).map((one) => Math.min(Math.max(one, 0), 1));
  const [x, y, z] = times(TO_XYZ, seen).map((one, i) => {
    const share = one / WHITE[i];
    return share > 0.008856 ? Math.cbrt(share) : 7.787 * share + 16 / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test.each(Object.keys(EYES))("the colours of twenty classes stand apart for %s", (name) => {
  const labs = Array.from({ length: DISTINCT }, (_, label) => labOf(classColour(label), EYES[name]));
  for (let one = 0; one < DISTINCT; one++)
    for (let other = 0; other < one; other++)
      expect(Math.hypot(...labs[one].map((value, i) => value - labs[other][i])), `${one} and ${other}`).toBeGreaterThan(APART);
});

test("no colour of the twenty is lost on light or dark paper", () => {
  const shine = (colour: Colour): number => {
    const linear = colour.map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05;
  };
  const [white, black] = [shine([255, 255, 255]), shine([0x1a, 0x1e, 0x21])];
  for (let label = 0; label < DISTINCT; label++) {
    const own = shine(classColour(label));
    expect(Math.min(white / own / 1.35, own / black / 1.9), `${label}`).toBeGreaterThan(1);
  }
});

test("colours repeat after all shades are used, and not before", () => {
  const all = Array.from({ length: COLOURS }, (_, label) => hexOf(classColour(label)));
  expect(new Set(all).size).toBe(COLOURS);
  expect(classColour(COLOURS)).toEqual(classColour(DISTINCT));
});
