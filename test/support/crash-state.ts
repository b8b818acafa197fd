/** What two runs of the same work must leave alike, here and in HubSpot: everything but row numbers, record ids and times. */

import type { Simulator } from "../../mcp-server/simulator/simulator.ts";
import { readCompanyBase } from "../../mcp-server/src/core/company-base.ts";
import { rowsOf } from "./crash-rig.ts";

/** A contact as HubSpot holds it: companies by domain, notes by their text. */
export interface RemoteContact {
  readonly email: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly companies: readonly string[];
  readonly notes: readonly string[];
}

export interface HubspotState {
  readonly contacts: readonly RemoteContact[];
  readonly companies: readonly Readonly<Record<string, string>>[];
  /** All notes, also such as nobody is associated with. */
  readonly notes: number;
}

/** Everything that was made in the simulator, in an order of its own. */
export function hubspotState({ hubspot }: Simulator): HubspotState {
  const domainOf = new Map(
    hubspot.all("companies").map(({ id, properties }) => [id, properties["domain"] ?? id]),
  );
  const textOf = new Map(
    hubspot
      .all("notes")
      .map(({ id, properties }) => [id, withoutTimes(properties["hs_note_body"] ?? "")]),
  );
  const contacts = hubspot.all("contacts").map(({ id, properties }) => ({
    email: properties["email"] ?? "",
    properties: lasting(properties),
    companies: hubspot
      .associations("contacts", id, "companies")
      .map(({ id: company, typeIds }) => `${domainOf.get(company) ?? company} as ${typeIds}`)
      .sort(),
    notes: hubspot
      .associations("contacts", id, "notes")
      .map((note) => textOf.get(note.id) ?? note.id)
      .sort(),
  }));
  const companies = hubspot.all("companies").map(({ properties }) => lasting(properties));
  return {
    contacts: contacts.sort(by(({ email }) => email)),
    companies: companies.sort(by(({ domain = "" }) => domain)),
    notes: hubspot.all("notes").length,
  };
}

export interface LocalState {
  readonly contacts: readonly unknown[];
  readonly companies: readonly unknown[];
  readonly links: number;
  readonly conflicts: readonly unknown[];
  /** Note rows of the log by outcome. */
  readonly notes: readonly unknown[];
}

/** Everything that the sync keeps, by e-mail or domain; ids of HubSpot records are told by what the record is called there. */
export function localState(file: string, { hubspot }: Simulator): LocalState {
  const contacts = rowsOf<{ id: number }>(file, "select * from contacts order by email");
  const companies = rowsOf<{ id: number }>(file, "select * from companies order by domain");
  const named = (record: string | undefined, key: string): string =>
    record
      ? (hubspot.find(key === "email" ? "contacts" : "companies", record)?.properties[key] ??
        "gone")
      : "none";
  const links = new Map(
    rowsOf<{ object: string; local_id: number; hubspot_id: string }>(
      file,
      "select * from links",
    ).map((link) => [`${link.object} ${link.local_id}`, link.hubspot_id]),
  );
  const bases = new Map(
    rowsOf<{ local_id: number; base: string }>(
      file,
      "select * from field_state where object = 'contacts'",
    ).map(({ local_id, base }) => [local_id, JSON.parse(base) as Record<string, string | null>]),
  );
  return {
    contacts: contacts.map(({ id, ...said }) => ({
      ...timeless(said),
      link: named(links.get(`contacts ${id}`), "email"),
      base: timeless(bases.get(id) ?? {}),
      associated: named(readCompanyBase(bases.get(id) ?? {})?.company ?? undefined, "domain"),
    })),
    companies: companies.map(({ id, ...said }) => ({
      ...timeless(said),
      link: named(links.get(`companies ${id}`), "domain"),
    })),
    links: links.size,
    conflicts: rowsOf(file, "select object, local_id, field from conflicts"),
    notes: rowsOf(
      file,
      "select outcome, count(*) as n from sync_log where action = 'note' group by outcome",
    ),
  };
}

/** What differs between two records or lists, by path, at most a dozen places: whole states would drown it. */
export function differences(actual: unknown, expected: unknown, path = ""): readonly string[] {
  if (!isTree(actual) || !isTree(expected)) {
    const [is, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
    return is === wanted ? [] : [`${path} is ${is} and not ${wanted}`];
  }
  const names = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  const found = [...names].flatMap((name) =>
    differences(actual[name], expected[name], `${path}/${name}`),
  );
  return found.slice(0, 12);
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** HubSpot's own times, ids and counters differ from run to run. */
export function lasting(properties: Readonly<Record<string, string>>): Record<string, string> {
  const ids = ["hs_object_id", "hs_all_contact_vids", "associatedcompanyid"];
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => !ids.includes(name))
      .map(([name, value]) => [name, withoutTimes(value)]),
  );
}

/** A row, or a base, without its times and without what is told by HubSpot's ids. */
export function timeless(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (name === "@company") return [name, "id"];
      // A digest of the note's marker, which ends in a time.
      if (name === "@note") return [name, "marker"];
      return [name, typeof value === "string" ? withoutTimes(value) : value];
    }),
  );
}

/** ISO times, milliseconds since the epoch, and the time that ends a note's marker. */
function withoutTimes(text: string): string {
  return text
    .replaceAll(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, "<time>")
    .replaceAll(/\b(sync-note-\d+-)\d{17}\b/g, "$1<time>")
    .replaceAll(/\b1[789]\d{11}\b/g, "<time>");
}

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}
