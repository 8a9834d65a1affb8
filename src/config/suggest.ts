/** Units that end a key's name; several spellings, because a wrong one is a frequent mistake. */
const UNIT_ENDING =
  /(Millis|Ms|Seconds|Secs?|Minutes|Mins?|Hours|Points?|Pips?|Percent|Pct|Ratio|Rate|Lots?)$/;

const MAX_DISTANCE = 2;

/** Edits (insert, delete, replace, swap of neighbours) that turn one text into the other. */
export const editDistance = (from: string, to: string): number => {
  const width = to.length + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: width }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column < width; column += 1) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + same,
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped && row > 1 && column > 1)
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current[column] = best;
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
};

const plain = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase();
const stem = (name: string): string => plain(name.replace(UNIT_ENDING, ''));

/** The known name that was probably meant: nearly the same spelling, or the same stem with another
 * unit. Undefined when nothing is near. */
export const nearest = (wrong: string, known: readonly string[]): string | undefined => {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(plain(wrong), plain(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  const allowed = Math.min(MAX_DISTANCE, Math.floor(wrong.length / 3));
  if (best !== undefined && best.distance <= allowed) return best.name;
  return known.find((name) => stem(name).length > 2 && stem(name) === stem(wrong));
};
