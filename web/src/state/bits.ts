/** A set of rows, one bit each: a million take 125 kB. Never changed after it is made. */
export class Bits {
  private readonly words: Uint32Array;
  readonly count: number;

  private constructor(
    readonly size: number,
    words: Uint32Array,
  ) {
    this.words = words;
    let count = 0;
    for (const word of words) count += ones(word);
    this.count = count;
  }

  static none(size: number): Bits {
    return new Bits(size, new Uint32Array((size + 31) >>> 5));
  }

  static of(size: number, rows: Iterable<number>): Bits {
    const words = new Uint32Array((size + 31) >>> 5);
    for (const row of rows) if (row >= 0 && row < size) words[row >>> 5] |= 1 << (row & 31);
    return new Bits(size, words);
  }

  static where(size: number, holds: (row: number) => boolean): Bits {
    const words = new Uint32Array((size + 31) >>> 5);
    for (let row = 0; row < size; row++) if (holds(row)) words[row >>> 5] |= 1 << (row & 31);
    return new Bits(size, words);
  }

  has(row: number): boolean {
    return (this.words[row >>> 5] & (1 << (row & 31))) !== 0;
  }

  and(other: Bits): Bits {
    return new Bits(this.size, this.words.map((word, i) => word & other.words[i]));
  }

  or(other: Bits): Bits {
    return new Bits(this.size, this.words.map((word, i) => word | other.words[i]));
  }

  without(other: Bits): Bits {
    return new Bits(this.size, this.words.map((word, i) => word & ~other.words[i]));
  }

  equals(other: Bits): boolean {
    return this.size === other.size && this.words.every((word, i) => word === other.words[i]);
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.words.length; i++)
      for (let word = this.words[i]; word; word &= word - 1) yield i * 32 + 31 - Math.clz32(word & -word);
  }

  rows(): Int32Array<ArrayBuffer> {
    const rows = new Int32Array(this.count);
    let next = 0;
    for (const row of this) rows[next++] = row;
    return rows;
  }
}

function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return (((v + (v >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
