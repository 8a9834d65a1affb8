const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a text such as 90s, 15m, 2h, 1.5d; a bare number means seconds. Undefined when
 * it is none, or not positive. */
export const parseDuration = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  if (match === null) return undefined;
  const unit = (match[2] ?? 's') as keyof typeof UNIT_MS;
  const value = Math.round(Number(match[1]) * UNIT_MS[unit]);
  return value > 0 ? value : undefined;
};
