/**
 * JSON as the library of the EA writes it (JAson, `CJAVal::Serialize`). A value that was named and
 * never set leaves nothing, not even its name, while the comma before the next one stays:
 * `{,"symbol":"X"}` is no JSON, and it is what such an EA sends.
 */
export type EaValue =
  | undefined
  | boolean
  | string
  | Int
  | Double
  | readonly EaValue[]
  | { readonly [name: string]: EaValue };

/** A number of 64 bits, as text. */
export class Int {
  readonly text: string;
  constructor(text: string | number | bigint) {
    this.text = String(text);
  }
}

/** DoubleToString with its eight digits. */
export class Double {
  readonly text: string;
  constructor(value: string | number) {
    this.text = Number(value).toFixed(8);
  }
}

export const int = (value: string | number | bigint): Int => new Int(value);
/** `(int)` of MQL5: what does not fit is cut off. */
export const int32 = (value: string | number | bigint): Int =>
  new Int(BigInt.asIntN(32, BigInt(value)));
export const double = (value: string | number): Double => new Double(value);

export const serialize = (value: EaValue): string => written(value, '', false);

const written = (value: EaValue, name: string, comma: boolean): string => {
  if (value === undefined) return '';
  const before = `${comma ? ',' : ''}${name === '' ? '' : `"${name}":`}`;
  if (typeof value === 'boolean') return `${before}${value}`;
  if (typeof value === 'string') return `${before}${value === '' ? 'null' : JSON.stringify(value)}`;
  if (value instanceof Int || value instanceof Double) return `${before}${value.text}`;
  if (Array.isArray(value)) {
    const items = (value as readonly EaValue[]).map((item, index) => written(item, '', index > 0));
    return `${before}[${items.join('')}]`;
  }
  const fields = Object.entries(value).map(([key, field], index) => written(field, key, index > 0));
  return `${before}{${fields.join('')}}`;
};
