/** Which old rows of the sync log have nothing left to tell. */

/** A row of one record's log, as far as it matters here. `fields`: the names of the fields that it tells of. */
export interface TellingRow {
  readonly id: number;
  readonly action: string;
  readonly outcome: string;
  readonly marker: string | null;
  readonly hubspot_id: string | null;
  readonly fields: readonly string[];
}

/**
 * The ids of the old rows that may be forgotten, of one record's rows. What stays, however old:
 *
 * - what was announced and is not known to have ended, and the last note, because they keep a note from being written twice;
 * - per field the newest row that tells of it, the newest that brought a value to either side, and the newest decision of a person, so that
 *   the record's story goes on saying why it holds what it holds;
 * - the newest row that names the HubSpot record, so that replaying the log still leads to the link.
 *
 * @param rows in any order; newer ones that are left out can only make more stay
 * @param upTo ids above it are not old
 */
export function forgettable(rows: readonly TellingRow[], upTo: number): readonly number[] {
  const seen = new Set<string>();
  const forgotten: number[] = [];
  for (const row of rows.toSorted((a, b) => b.id - a.id)) {
    const news = thingsTold(row).filter((thing) => !seen.has(thing));
    for (const thing of news) seen.add(thing);
    if (row.id <= upTo && news.length === 0 && isSettled(row)) forgotten.push(row.id);
  }
  return forgotten;
}

function isSettled({ outcome, marker }: TellingRow): boolean {
  return marker === null ? outcome !== "intent" : outcome === "done";
}

/** What only the newest row of its kind tells. */
function thingsTold(row: TellingRow): readonly string[] {
  const isEffect = row.outcome === "done" && effects.has(row.action);
  return [
    ...row.fields.map((field) => `told ${field}`),
    ...(isEffect ? row.fields.map((field) => `brought ${field}`) : []),
    ...(row.action === "resolve" ? row.fields.map((field) => `decided ${field}`) : []),
    ...(isEffect && row.hubspot_id !== null ? ["link"] : []),
    ...(row.marker === null ? [] : ["note"]),
  ];
}

const effects: ReadonlySet<string> = new Set(["create", "update", "pull", "link", "associate"]);
