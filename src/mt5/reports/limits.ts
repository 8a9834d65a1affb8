/** Bounds of reading an account's history. */
export const ACCOUNT_FILE_LIMITS = {
  /** Characters of one line, or of one row of an HTML table. */
  maxLineChars: 16_777_216,
  /** First and last year of an instant; epoch seconds would lie in 1970. */
  minYear: 1990,
  maxYear: 2100,
} as const;
