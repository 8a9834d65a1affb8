import * as Schema from 'effect/Schema';

/**
 * Kinds of configuration values. Each takes what the key means (one clause, with its unit) and,
 * unless its choices speak for themselves, an example: they become the remedy of a refusal.
 */
export const integer = (minimum: number, maximum: number, what: string, example: number) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum })).annotate({
    description: what,
    examples: [example],
  });

export const number = (minimum: number, maximum: number, what: string, example: number) =>
  Schema.Finite.check(Schema.isBetween({ minimum, maximum })).annotate({
    description: what,
    examples: [example],
  });

/** Text that must match a pattern; `expected` completes the sentence "Expected …". */
export const text = (pattern: RegExp, expected: string, what: string, example: string) =>
  Schema.String.check(Schema.isPattern(pattern, { expected })).annotate({
    description: what,
    examples: [example],
  });

/** Text that a function judges: it answers true, or the reason why not. */
export const judged = (judge: (value: string) => true | string, what: string, example: string) =>
  Schema.String.check(Schema.makeFilter(judge)).annotate({
    description: what,
    examples: [example],
  });

/** A decimal text, because binary floats cannot hold cents. Never negative. */
export const decimal = (what: string, example: string) =>
  text(/^\d{1,15}(\.\d{1,8})?$/, 'a decimal text', what, example);

/** A decimal text that may be negative. */
export const signedDecimal = (what: string, example: string) =>
  text(/^-?\d{1,15}(\.\d{1,8})?$/, 'a decimal text', what, example);

export const choice = <const T extends readonly [string, ...string[]]>(options: T, what: string) =>
  Schema.Literals(options).annotate({ description: what });

/** Decoded into Redacted: it prints as <redacted> wherever it is shown by accident. */
export const secret = (what: string) =>
  Schema.RedactedFromValue(Schema.NonEmptyString).annotate({ description: what });

export const symbol = (what: string) =>
  text(/^[A-Za-z0-9][A-Za-z0-9._#&-]{1,30}$/, 'a symbol name', what, 'EURUSD');
