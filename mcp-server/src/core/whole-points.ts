/** Fractional losses as whole points that still add up, so that a person can check the sum. */

/**
 * The same losses in whole points, whose sum is the rounded sum of the fractions (at most `most`). Points left over by
 * rounding down go to the largest fractions, earlier ones first; losses that come to nothing are left out.
 */
export function wholePoints<Loss extends { readonly points_lost: number }>(
  losses: readonly Loss[],
  most: number,
): readonly Loss[] {
  const total = losses.reduce((sum, loss) => sum + loss.points_lost, 0);
  // 100 − score must round like the score itself: 92.5 is 93, so 7.5 lost is 7.
  const target = Math.min(most, most - Math.round(most - total));
  const floors = losses.map((loss) => Math.floor(loss.points_lost));
  const missing = target - floors.reduce((sum, points) => sum + points, 0);
  const byFraction = losses
    .map((loss, index) => ({ index, fraction: loss.points_lost - Math.floor(loss.points_lost) }))
    .toSorted((a, b) => b.fraction - a.fraction || a.index - b.index);
  const raised = new Set(byFraction.slice(0, Math.max(0, missing)).map(({ index }) => index));
  return losses
    .map((loss, index) => ({
      ...loss,
      points_lost: (floors[index] ?? 0) + (raised.has(index) ? 1 : 0),
    }))
    .filter((loss) => loss.points_lost > 0);
}
