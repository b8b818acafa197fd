/** Every edit that somebody made, and what became of it in the end. */

/** Where an edit was made: in the local database, or in HubSpot. */
export type Side = "here" | "hubspot";

/** A field of a record; edits of one place compete with each other. */
export interface Place {
  readonly object: "contacts" | "customers";
  /** The record's e-mail address or account number. */
  readonly key: string;
  readonly field: string;
}

/** One edit. Its value is like no other's, so that it is found again wherever it went. */
export interface Edit extends Place {
  readonly side: Side;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly value: string;
  /** What its author saw there and wrote over; null = nothing. */
  readonly replaced: string | null;
}

/** What is known of one place at the end. */
export interface PlaceEnd {
  readonly here: string | null;
  readonly hubspot: string | null;
  /** Values that the log or a conflict still holds, so that they can be put back. */
  readonly kept: ReadonlySet<string>;
}

/**
 * `current`: both sides hold it, or the side that owns it. `replaced`: a later edit was made in sight of it. `kept`: the sync set it aside, and says so. `lost`: it is
 * nowhere.
 */
export type Fate = "current" | "replaced" | "kept" | "lost";

/** What became of the edits of one place. */
export function fatesOf(edits: readonly Edit[], end: PlaceEnd): ReadonlyMap<Edit, Fate> {
  const seen = new Set(edits.map(({ replaced }) => replaced));
  const current = new Set([end.here, end.hubspot]);
  return new Map(
    edits.map((edit) => {
      if (current.has(edit.value)) return [edit, "current"];
      if (seen.has(edit.value)) return [edit, "replaced"];
      return [edit, end.kept.has(edit.value) ? "kept" : "lost"];
    }),
  );
}

/** The place as a text, for maps. */
export function placeName({ object, key, field }: Place): string {
  return `${object} ${key} ${field}`;
}

/** Edits by place. */
export function byPlace(edits: readonly Edit[]): ReadonlyMap<string, readonly Edit[]> {
  const places = new Map<string, Edit[]>();
  for (const edit of edits) {
    const name = placeName(edit);
    const there = places.get(name) ?? [];
    there.push(edit);
    places.set(name, there);
  }
  return places;
}
