/**
 * Leaves about `most` points: of each stretch its last one, and the one of the lowest equity, since
 * a drawdown is what one looks for. First and last point stay.
 */
export const thinned = <Point extends { readonly equity: string }>(
  points: readonly Point[],
  most: number,
): readonly Point[] => {
  if (points.length <= most) return points;
  const size = Math.ceil(points.length / Math.max(1, Math.floor(most / 2)));
  const kept = new Set<number>([0]);
  for (let from = 0; from < points.length; from += size) {
    const to = Math.min(points.length, from + size);
    let lowest = from;
    for (let index = from; index < to; index += 1) {
      if (Number(points[index]?.equity) < Number(points[lowest]?.equity)) lowest = index;
    }
    kept.add(lowest).add(to - 1);
  }
  return points.filter((_, index) => kept.has(index));
};
