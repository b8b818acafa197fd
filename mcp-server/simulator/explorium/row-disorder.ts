/** Bulk rows as untidy as the API's examples: in another order, twice, missing, or without data. */

import { pickNumber } from "./digest.ts";

/** How untidy bulk answers are; `every` counts rows and 0 is never. */
export type RowDisorder = {
  readonly reorder: boolean;
  readonly duplicateEvery: number;
  readonly missingEvery: number;
  readonly nullEvery: number;
};

/** One row of a bulk answer before its id is written under the entity's own name. */
export type Row = { readonly id: string; readonly data: unknown };

/** The rows as they are sent; the same rows always come out the same. */
export function disorder(rows: readonly Row[], rules: RowDisorder): readonly Row[] {
  const untidy = rows.flatMap((row, index) => {
    if (isHit(index, rules.missingEvery)) return [];
    const kept = isHit(index, rules.nullEvery) ? { ...row, data: null } : row;
    return isHit(index, rules.duplicateEvery) ? [kept, kept] : [kept];
  });
  if (!rules.reorder) return untidy;
  const rank = ({ id }: Row) => pickNumber(`order/${id}`, 1_000_003);
  return untidy.toReversed().toSorted((a, b) => rank(a) - rank(b));
}

function isHit(index: number, every: number): boolean {
  return every > 0 && (index + 1) % every === 0;
}
