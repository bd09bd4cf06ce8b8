/** Colours that figures, report and explorer share; see `views/figures/palette.py`. */

export type Colour = readonly [red: number, green: number, blue: number];

/**
 * Ten by Petroff (2021), https://arxiv.org/abs/2107.02270, made for colour-blind readers, and ten that lie
 * farthest from these and from each other to normal and to colour-blind eyes.
 */
const TWENTY = [
  "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
  "#0c6c9c", "#d830b4", "#18f0b4", "#6c4830", "#9c60fc", "#c0e46c", "#9c0054", "#ccb4fc", "#483cd8", "#900c78",
];

/** So many classes have colours that every reader tells apart; those of more are alike. */
export const DISTINCT = TWENTY.length;
/** So many different ones there are at all: plain, and darker and lighter in three steps. */
export const COLOURS = 7 * DISTINCT;

/** Cividis without the dark end, which dark pages swallow. */
const VALUES = [
  "#35456c", "#4f576c", "#666970", "#7d7c78", "#948e77", "#aea371", "#c8b866", "#e5cf52", "#fee838",
];

/** From below to above: blue over grey to orange, which colour-blind eyes tell apart. */
const AROUND = ["#0a4d8c", "#5a9fdc", "#c9d3da", "#efb25c", "#a34f00"];

export function colourOf(hex: string): Colour {
  const bits = Number.parseInt(hex.slice(1), 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}

export function hexOf([red, green, blue]: Colour): string {
  return `#${((red << 16) | (green << 8) | blue).toString(16).padStart(6, "0")}`;
}

/** The colour of a class; beyond twenty they repeat, darker and lighter in turn. */
export function classColour(label: number): Colour {
  const own = colourOf(TWENTY[((label % DISTINCT) + DISTINCT) % DISTINCT]!);
  const cycle = Math.max(0, Math.floor(label / DISTINCT));
  if (cycle === 0) return own;
  const shade = 0.15 + 0.15 * (Math.floor((cycle - 1) / 2) % 3);
  return mixed(own, cycle % 2 === 1 ? [0, 0, 0] : [255, 255, 255], shade);
}

/** The colour of a share in [0, 1], dark to bright. */
export function valueColour(share: number): Colour {
  return along(VALUES_OF, share);
}

/** The colour of a number in [-1, 1], 0 in the middle. */
export function signedColour(value: number): Colour {
  return along(AROUND_OF, (value + 1) / 2);
}

const VALUES_OF = VALUES.map(colourOf);
const AROUND_OF = AROUND.map(colourOf);

function along(stops: readonly Colour[], share: number): Colour {
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const below = Math.min(Math.floor(place), stops.length - 2);
  return mixed(stops[below]!, stops[below + 1]!, place - below);
}

function mixed(from: Colour, to: Colour, share: number): Colour {
  const part = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * share);
  return [part(0), part(1), part(2)];
}
