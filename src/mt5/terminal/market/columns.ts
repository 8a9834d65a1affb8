/** A growing column of numbers; doubling keeps appends cheap and the result is a plain view. */
export class Column {
  private cells = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.cells.length) {
      const larger = new Float64Array(this.cells.length * 2);
      larger.set(this.cells);
      this.cells = larger;
    }
    this.cells[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.cells[index] ?? Number.NaN;
  }

  /** Multiplies everything pushed so far: a later price showed more digits. */
  scale(factor: number): void {
    for (let index = 0; index < this.length; index += 1) {
      this.cells[index] = (this.cells[index] ?? 0) * factor;
    }
  }

  /** The values as an array of exactly their number; the column must not be used afterwards. */
  take(): Float64Array {
    return this.cells.subarray(0, this.length);
  }
}

/**
 * The scale that all prices of a file share: points of 10^-digits, where digits is the largest
 * number of decimals seen so far. Columns are rescaled in the rare case that it grows.
 */
export class PriceScale {
  digits = 0;
  /** The largest price so far, in points. */
  largest = 0;
  private readonly columns: readonly Column[];

  constructor(columns: readonly Column[]) {
    this.columns = columns;
  }

  /** False when some price in points exceeds what a double holds exactly. */
  get exact(): boolean {
    return this.largest <= Number.MAX_SAFE_INTEGER;
  }

  /** Points of a number given as integer and decimals. */
  toPoints(mantissa: number, decimals: number): number {
    if (decimals > this.digits) {
      const factor = 10 ** (decimals - this.digits);
      for (const column of this.columns) column.scale(factor);
      this.digits = decimals;
      this.largest *= factor;
    }
    const points = mantissa * 10 ** (this.digits - decimals);
    if (points > this.largest) this.largest = points;
    return points;
  }
}
