import type { Layer, MapRecord } from "../state/study.ts";
import { numberOf } from "../parts/layers.ts";
import { counted, figure, percent } from "../parts/words.ts";

export interface LayerFigure {
  readonly name: string;
  readonly value: string;
  readonly help: string;
  readonly alarm: boolean;
}

type Way = (value: number) => string;

const KNOWN: readonly (readonly [column: string, name: string, way: Way, help: string])[] = [
  ["parameters", "Parameters", counted, "weights and biases of this layer"],
  ["dead", "Dead units", (value) => percent(value), "share of units with the same output for every sample"],
  ["in_use", "Directions in use", (value) => percent(value), "share of the layer's directions that its activations spread over"],
  ["sparsity", "At zero or below", (value) => percent(value), "share of activations"],
  ["mean", "Mean", figure, "of the activations"],
  ["std", "Standard deviation", figure, "of the activations"],
  ["knn_accuracy", "k-NN accuracy", (value) => percent(value), "how far a sample's nearest neighbours share its class"],
  ["probe_accuracy", "Linear probe", (value) => percent(value), "accuracy of a linear classifier on this layer"],
  ["fisher", "Fisher ratio", figure, "spread between classes over spread within them"],
  ["silhouette", "Silhouette", figure, "how much nearer samples are to their own class than to the next, -1 to 1"],
  ["intrinsic_dimension", "Intrinsic dimension", figure, "how many numbers would say where a sample lies"],
  ["gradient_norm", "Gradient", figure, "Euclidean norm of the loss' gradient here"],
  ["receptive_field", "Receptive field", (value) => `${value} px`, "pixels a side of the image that a unit looks at"],
];

/** What the layers' table and the map's record say of a layer; what is not known is left out. */
export function figuresOf(layer: Layer, map?: MapRecord): LayerFigure[] {
  const figures = KNOWN.flatMap(([column, name, way, help]): LayerFigure[] => {
    const value = numberOf(layer, column);
    if (!Number.isFinite(value) || (column === "receptive_field" && value < 0)) return [];
    return [{ name, value: way(value), help, alarm: column === "dead" && value >= 0.1 }];
  });
  if (map?.trustworthiness !== null && map?.trustworthiness !== undefined) {
    figures.push({
      name: "Map can be trusted",
      value: percent(map.trustworthiness),
      help: "trustworthiness of this map: how far neighbours on it are neighbours in the layer",
      alarm: false,
    });
  }
  return figures;
}
