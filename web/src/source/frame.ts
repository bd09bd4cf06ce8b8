import { type Data, DataType, tableFromIPC, type Vector } from "apache-arrow";

export type Numbers =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array;

/** A column of a table, in the form that drawing wants. */
export type Column =
  | { readonly kind: "numbers"; readonly values: Numbers }
  | { readonly kind: "categories"; readonly codes: Int32Array; readonly names: readonly string[] }
  | { readonly kind: "texts"; text(row: number): string }
  | { readonly kind: "lists"; list(row: number): readonly number[] };

/** A table read from an Arrow IPC stream. */
export interface Frame {
  readonly rows: number;
  readonly names: readonly string[];
  readonly metadata: ReadonlyMap<string, string>;
  column(name: string): Column | undefined;
  /** The values of a column of numbers; throws where there is none of that name. */
  numbers(name: string): Numbers;
}

/** Reads an Arrow IPC stream; nulls become NaN in numbers, -1 in codes and "" in texts. */
export function readFrame(bytes: Uint8Array): Frame {
  const table = tableFromIPC(bytes);
  const read = new Map<string, Column>();
  const column = (name: string): Column | undefined => {
    const vector = read.has(name) ? null : table.getChild(name);
    if (vector) read.set(name, columnOf(vector));
    return read.get(name);
  };
  return {
    rows: table.numRows,
    names: table.schema.fields.map((field) => field.name),
    metadata: table.schema.metadata,
    column,
    numbers(name) {
      const found = column(name);
      if (found?.kind !== "numbers") throw new Error(`The table has no column of numbers named ${name}.`);
      return found.values;
    },
  };
}

/** A tensor with its shape, row after row. */
export interface Tensor {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Reads a tensor: one column `values`, its shape (and scale, if bytes) in the schema's metadata. */
export function readTensor(bytes: Uint8Array): Tensor {
  const frame = readFrame(bytes);
  const raw = frame.numbers("values");
  const shape = JSON.parse(frame.metadata.get("shape") ?? `[${raw.length}]`) as number[];
  const scale = frame.metadata.get("scale");
  if (!scale) return { values: raw instanceof Float32Array ? raw : Float32Array.from(raw), shape };
  const [low, high] = JSON.parse(scale) as [number, number];
  return { values: Float32Array.from(raw, (value) => low + (value / 255) * (high - low)), shape };
}

function columnOf(vector: Vector): Column {
  const type = vector.type as DataType;
  if (DataType.isDictionary(type)) return categoriesOf(vector);
  if (DataType.isList(type) || DataType.isFixedSizeList(type))
    return { kind: "lists", list: (row) => Array.from((vector.get(row) as Iterable<number> | null) ?? [], Number) };
  if (DataType.isFloat(type) || DataType.isInt(type) || DataType.isBool(type))
    return { kind: "numbers", values: numbersOf(vector, type) };
  return { kind: "texts", text: (row) => String(vector.get(row) ?? "") };
}

function numbersOf(vector: Vector, type: DataType): Numbers {
  const plain =
    vector.nullCount === 0 &&
    (DataType.isInt(type) ? type.bitWidth < 64 : DataType.isFloat(type) && type.precision > 0);
  if (plain) return vector.toArray() as Numbers;
  const exactInSingle = DataType.isBool(type) || (DataType.isInt(type) && type.bitWidth < 32) || (DataType.isFloat(type) && type.precision < 2);
  const values = exactInSingle ? new Float32Array(vector.length) : new Float64Array(vector.length);
  for (let row = 0; row < values.length; row++) {
    const value: unknown = vector.get(row);
    values[row] = value === null ? NaN : Number(value);
  }
  return values;
}

function categoriesOf(vector: Vector): Column {
  const parts = vector.data as readonly Data[];
  const names = [...((parts[0]?.dictionary ?? []) as Iterable<unknown>)].map(String);
  const codes = new Int32Array(vector.length);
  let start = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) codes[start + i] = part.getValid(i) ? Number(part.values[i]) : -1;
    start += part.length;
  }
  return { kind: "categories", codes, names };
}
