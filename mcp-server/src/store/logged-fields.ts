/**
 * The fields of a sync_log row as compact JSON, because a first sync logs every value of every record.
 *
 * The text is a list of `[rule, {field: what}]`, one entry for each run of fields under one rule. `what` is the value after when there was none
 * before, else `[before, after]`, with a third entry for whatever else is known: `{"lost": …, "local_at": …, "local_by": …, "hubspot_at": …}`.
 */
import type { LoggedField } from "../ports/sync-store.ts";
import { fromJsonText } from "./json-text.ts";

type Value = string | null;
type Extras = Partial<Pick<LoggedField, "lost" | "local_at" | "local_by" | "hubspot_at">>;
type Packed =
  | Value
  | readonly [before: Value, after: Value]
  | readonly [before: Value, after: Value, extras: Extras];
type Run = readonly [rule: string, fields: Readonly<Record<string, Packed>>];

/** The text of a row's fields. */
export function packFields(fields: readonly LoggedField[]): string {
  const runs: { readonly rule: string; readonly entries: Map<string, Packed> }[] = [];
  for (const logged of fields) {
    const last = runs.at(-1);
    if (last?.rule === logged.rule && !last.entries.has(logged.field)) {
      last.entries.set(logged.field, packed(logged));
    } else {
      runs.push({ rule: logged.rule, entries: new Map([[logged.field, packed(logged)]]) });
    }
  }
  return JSON.stringify(runs.map(({ rule, entries }) => [rule, Object.fromEntries(entries)]));
}

/** The fields of a text that `packFields` made, in their order. Rows of the first version hold the list of fields itself. */
export function unpackFields(text: string): readonly LoggedField[] {
  return fromJsonText<readonly (Run | LoggedField)[]>(text).flatMap((entry) =>
    isRun(entry) ? unpacked(entry) : [entry],
  );
}

function isRun(entry: Run | LoggedField): entry is Run {
  return Array.isArray(entry);
}

function packed({ field: _, rule: __, before, after, ...extras }: LoggedField): Packed {
  if (Object.keys(extras).length > 0) return [before, after, extras];
  return before === null ? after : [before, after];
}

function unpacked([rule, fields]: Run): readonly LoggedField[] {
  return Object.entries(fields).map(([field, what]) => {
    if (what === null || typeof what === "string")
      return { field, before: null, after: what, rule };
    const [before, after, extras] = what;
    return { field, before, after, rule, ...extras };
  });
}
