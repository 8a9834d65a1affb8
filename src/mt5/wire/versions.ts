/** Versions of BWP that this code speaks, on either side; ascending. */
export const PROTOCOL_VERSIONS: readonly number[] = [1];

/**
 * The highest version that both speak, or undefined. A hello, and the envelope around it, has the
 * layout of version 1 in every version: without that nobody could be told which one to speak.
 */
export const negotiateVersion = (
  offered: readonly number[],
  spoken: readonly number[] = PROTOCOL_VERSIONS,
): number | undefined => {
  const common = offered.filter((version) => spoken.includes(version));
  return common.length === 0 ? undefined : Math.max(...common);
};
