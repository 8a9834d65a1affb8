/**
 * JSON whose numbers stay text. Tickets have 64 bits and prices are decimal: a double would damage
 * the first and hide the digits of the second. A comma before the first item is forgiven: the EA's
 * library (JAson) leaves one where an item was named and never set, as in the list of ticks of a
 * symbol that does not exist. Throws SyntaxError for what is no JSON.
 */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[{],|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export const parseExact = (text: string): unknown =>
  JSON.parse(
    text.replace(TOKEN, (token) => {
      if (token.startsWith('"')) return token;
      return token.endsWith(',') ? token.charAt(0) : `"${token}"`;
    }),
  );

const PLAIN = /^-?\d+(?:\.\d+)?$/;
const EXPONENT = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/;
const MAX_EXPONENT = 40;

/** A number's text without exponent, or undefined where it is none, or one of absurd size. */
export const decimalOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined;
  if (PLAIN.test(value)) return value;
  const [, sign = '', whole = '', part = '', power = ''] = EXPONENT.exec(value) ?? [];
  const exponent = Number(power);
  if (whole === '' || Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const digits = whole + part;
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
};
