/** Groups failures by their cause: what differs from record to record in an error's words does not make another cause. */

/** A record that an error befell. */
export interface Stricken<O extends string = string> {
  readonly object: O;
  readonly local_id: number;
}

/** An error as it was logged of one record. `count`: how often it was logged of any; `last_id`: its newest log row about this record. */
export interface LoggedError<O extends string = string> extends Stricken<O> {
  readonly error: string;
  readonly count: number;
  readonly last_id: number;
}

/** One cause. `error`: the words, with a dot in place of what differs; `examples`: different records, the latest first. */
export interface CauseGroup<O extends string = string> {
  readonly error: string;
  readonly count: number;
  readonly examples: readonly Stricken<O>[];
}

/** How many records a group names. */
export const EXAMPLES = 3;

const VARIABLE = "…";
// Addresses, times, web addresses, and whole numbers that stand alone: ids, counts, phone numbers. A status is part of the cause, a digit in a
// property's name of the name.
const variables =
  /[^\s"'<>()]+@[^\s"'<>()]+|https?:\/\/\S+|\b\d{4}-\d\d-\d\dT[\d:.]+Z?|(?<!HTTP )(?<![\w.-])[+#]?\d[\d,.]*(?![\w-])/gu;

/** The words of an error without what differs from record to record. */
export function causeOf(error: string): string {
  return error.replaceAll(variables, (found) => VARIABLE + (/[.,]$/.exec(found)?.[0] ?? ""));
}

/**
 * The most frequent causes first, those of one frequency by their words.
 *
 * @param errors each error with its latest records, each record once
 */
export function groupByCause<O extends string>(
  errors: readonly LoggedError<O>[],
  limit: number,
): readonly CauseGroup<O>[] {
  return [...Map.groupBy(errors, ({ error }) => causeOf(error))]
    .map(([cause, alike]) => groupOf(cause, alike))
    .toSorted((a, b) => b.count - a.count || (a.error < b.error ? -1 : 1))
    .slice(0, limit);
}

function groupOf<O extends string>(cause: string, alike: readonly LoggedError<O>[]): CauseGroup<O> {
  const texts = new Map(alike.map(({ error, count }) => [error, count]));
  const [only] = texts.keys();
  const latest = alike.toSorted((a, b) => b.last_id - a.last_id);
  const records = new Map<string, Stricken<O>>();
  for (const { object, local_id } of latest) {
    const key = `${object} ${local_id}`;
    if (!records.has(key)) records.set(key, { object, local_id });
  }
  return {
    error: texts.size === 1 && only !== undefined ? only : cause,
    count: [...texts.values()].reduce((sum, count) => sum + count, 0),
    examples: [...records.values()].slice(0, EXAMPLES),
  };
}
