export interface CalibrationBin {
  readonly confidence: number;
  readonly accuracy: number;
  readonly count: number;
}

export interface Calibration {
  readonly bins: readonly CalibrationBin[];
  /** Expected calibration error. */
  readonly error: number;
}

/** Reads what the Study says of calibration; null where it says nothing that can be drawn. */
export function calibrationOf(said: unknown): Calibration | null {
  if (typeof said !== "object" || said === null) return null;
  const record = said as Record<string, unknown>;
  const columns = (typeof record.bins === "object" && record.bins !== null ? record.bins : record) as Record<string, unknown>;
  const bins = Array.isArray(columns) ? columns.flatMap(binOf) : fromColumns(columns);
  const error = [record.error, record.ece, record.expected_calibration_error].find((value) => typeof value === "number");
  return bins.length ? { bins, error: typeof error === "number" ? error : NaN } : null;
}

function binOf(one: unknown): CalibrationBin[] {
  if (typeof one !== "object" || one === null) return [];
  const { confidence, accuracy, count } = one as Record<string, unknown>;
  if (typeof confidence !== "number" || typeof accuracy !== "number") return [];
  return [{ confidence, accuracy, count: typeof count === "number" ? count : 1 }];
}

function fromColumns(columns: Record<string, unknown>): CalibrationBin[] {
  const [confidence, accuracy] = [columns.confidence, columns.accuracy];
  const count = columns.count ?? columns.counts ?? columns.samples;
  if (!Array.isArray(confidence) || !Array.isArray(accuracy)) return [];
  return confidence.flatMap((value: unknown, place) =>
    binOf({ confidence: value, accuracy: accuracy[place] as unknown, count: Array.isArray(count) ? (count[place] as unknown) : 1 }),
  );
}
