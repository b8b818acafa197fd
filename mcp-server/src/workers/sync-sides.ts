/** Reads the three sides of records: what is stored, the bases, and what HubSpot holds now. */
import { AppError } from "../core/errors.ts";
import type { FieldRule } from "../core/field-map.ts";
import { readPath } from "../core/field-map.ts";
import { type LocalSide, type Sides, withoutFields } from "../core/sync-record.ts";
import type { CrmRecord } from "../ports/crm.ts";
import type { SyncKind, SyncRun } from "./sync-kind.ts";

/**
 * What reading needs of a run. `isKeyKnown` false: HubSpot does not have the key property yet, so nothing can be found by it. `forgotten`: fields
 * whose bases are about to be forgotten.
 */
export interface Reading extends Pick<SyncRun, "store" | "crm" | "kind" | "call"> {
  readonly isKeyKnown?: boolean;
  readonly forgotten?: readonly string[];
}

/**
 * Records with their sides. `gone`: linked, but HubSpot no longer has the record. `twins`: HubSpot holds them and
 * another local record as one (e.g. as its second e-mail), which already has the link. `strangers`: the record that they name by its
 * HubSpot id answers to another key.
 */
export interface SidesRead {
  readonly sides: readonly Sides[];
  readonly gone: readonly LocalSide[];
  readonly twins: readonly LocalSide[];
  readonly strangers: readonly LocalSide[];
  /** Properties that HubSpot did not answer for although they held values at the last sync: it has them no more. */
  readonly unanswered: readonly string[];
}

/** Reads the sides in as few requests as HubSpot allows: by id where linked, by key where not, and then by the id that the record itself names. */
export async function readSides(
  reading: Reading,
  locals: readonly LocalSide[],
): Promise<SidesRead> {
  const { store, kind, forgotten = [] } = reading;
  const { object } = kind.map;
  const ids = locals.map(({ id }) => id);
  const links = new Map(
    (await store.links.byLocalIds(object, ids)).map((l) => [l.local_id, l.hubspot_id]),
  );
  const bases = new Map(
    (await store.fieldStates.get(object, ids)).map((s) => [s.local_id, s.base]),
  );
  const unlinked = locals.filter(({ id }) => !links.has(id));
  const [byId, byKey] = await Promise.all([
    readById(reading, [...links.values()]),
    readByKey(
      reading,
      unlinked.map(({ key }) => key),
    ),
  ]);
  const named = namedIds(
    kind,
    unlinked.filter(({ key }) => !byKey.has(kind.comparable(key))),
  );
  const byName = await readById(reading, [...named.values()]);
  const toSides = (side: LocalSide): Sides => {
    const link = links.get(side.id);
    const record =
      (link
        ? byId.get(link)
        : (byKey.get(kind.comparable(side.key)) ?? byName.get(named.get(side.id) ?? ""))) ?? null;
    return {
      ...side,
      hubspotId: record?.id ?? link ?? null,
      remote: record?.properties ?? null,
      base: withoutFields(bases.get(side.id) ?? {}, forgotten),
      remoteAt: null,
    };
  };
  return sorted(reading, locals.map(toSides), links);
}

async function sorted(
  { store, kind }: Reading,
  all: readonly Sides[],
  links: ReadonlyMap<number, string>,
): Promise<SidesRead> {
  const twins = await twinsAmong({ store, kind }, all);
  const strangers = new Set(all.filter((side) => !links.has(side.id) && isStranger(kind, side)));
  const gone = new Set(all.filter(({ id, remote }) => links.has(id) && remote === null));
  return {
    unanswered: unanswered(kind, all),
    sides: all.filter((side) => !gone.has(side) && !twins.has(side) && !strangers.has(side)),
    gone: [...gone],
    twins: [...twins],
    strangers: [...strangers],
  };
}

/** Only those that a set-up would create again; whatever else is not answered for is HubSpot's own to know. */
function unanswered({ map }: SyncKind, sides: readonly Sides[]): readonly string[] {
  return map.rules
    .filter(({ createProperty, direction }) => createProperty !== null && direction !== "NONE")
    .filter(({ field, property }) =>
      sides.some(
        ({ remote, base }) =>
          remote !== null && remote[property] === undefined && (base[field] ?? null) !== null,
      ),
    )
    .map(({ property }) => property);
}

/** The HubSpot ids that records carry in a field which the map only tracks. */
function namedIds(kind: SyncKind, locals: readonly LocalSide[]): ReadonlyMap<number, string> {
  const rule = trackingRule(kind);
  if (!rule) return new Map();
  return new Map(
    locals.flatMap(({ id, local }) => {
      const text = String(readPath(local, rule.path) ?? "").trim();
      return /^\d{1,20}$/.test(text) ? [[id, text] as const] : [];
    }),
  );
}

/** The field that keeps HubSpot's id of the record on this side, if the map has one. */
export function trackingRule(kind: SyncKind): FieldRule | null {
  const isTracking = ({ direction, property }: FieldRule): boolean =>
    direction === "NONE" && property === "hs_object_id";
  return kind.map.rules.find(isTracking) ?? null;
}

/** Found by an id that somebody wrote down, while HubSpot says that it is another one's record. */
function isStranger(kind: SyncKind, { key, remote }: Sides): boolean {
  const keys = remote ? kind.keysOf(remote) : [];
  return keys.length > 0 && !keys.includes(kind.comparable(key));
}

/** A link is one to one: of several that are one HubSpot record, the linked one keeps it, else the one with its first key. */
async function twinsAmong(
  { store, kind }: Pick<SyncRun, "store" | "kind">,
  sides: readonly Sides[],
): Promise<Set<Sides>> {
  const { object } = kind.map;
  const hubspotIds = [...new Set(sides.flatMap((side) => side.hubspotId ?? []))];
  const links = await store.links.byHubspotIds(object, hubspotIds);
  const present = new Set(sides.map(({ id }) => id));
  const others = links.filter((link) => !present.has(link.local_id)).map((link) => link.local_id);
  // A holder that was deleted here holds nothing any more.
  for (const { id } of await kind.load(store, others)) present.add(id);
  const holders = new Map(
    links
      .filter((link) => present.has(link.local_id))
      .map((link) => [link.hubspot_id, link.local_id]),
  );
  const twins = newTwins(kind, sides);
  const byPrimary = Map.groupBy(sides, ({ key, remote }) => remote?.[kind.keyProperty] === key);
  for (const side of [true, false].flatMap((is) => byPrimary.get(is) ?? [])) {
    if (side.hubspotId === null) continue;
    const holder = holders.get(side.hubspotId) ?? side.id;
    holders.set(side.hubspotId, holder);
    if (holder !== side.id) twins.add(side);
  }
  return twins;
}

/** HubSpot may take two keys for one that differ in case alone: the second would be written over the first. */
function newTwins(kind: SyncKind, sides: readonly Sides[]): Set<Sides> {
  const fresh = sides.filter(({ hubspotId }) => hubspotId === null).sort((a, b) => a.id - b.id);
  const byKey = Map.groupBy(fresh, ({ key }) => kind.comparable(key));
  return new Set([...byKey.values()].flatMap(([, ...others]) => others));
}

function asked({ kind }: Reading): readonly string[] {
  return [...new Set([...kind.map.properties, ...kind.alsoRead, kind.keyProperty])];
}

/** By the id that was asked: of a record that was merged away the one that lives on. */
async function readById(reading: Reading, ids: readonly string[]): Promise<Map<string, CrmRecord>> {
  if (ids.length === 0) return new Map();
  const { found, merged } = await reading.crm.read(
    reading.kind.crmObject,
    { ids: [...new Set(ids)], properties: asked(reading) },
    reading.call,
  );
  const records = new Map(found.map((record) => [record.id, record]));
  for (const [from, id] of merged) {
    const survivor = records.get(id);
    if (survivor) records.set(from, survivor);
  }
  return records;
}

/** A record that answers to several keys (a contact's secondary addresses) is filed under each. */
async function readByKey(
  reading: Reading,
  keys: readonly string[],
): Promise<Map<string, CrmRecord>> {
  const { kind } = reading;
  if (keys.length === 0 || reading.isKeyKnown === false) return new Map();
  const { found } = await reading.crm.read(
    kind.crmObject,
    { ids: keys, idProperty: kind.keyProperty, properties: asked(reading) },
    reading.call,
  );
  return new Map(
    found.flatMap((record) => kind.keysOf(record.properties).map((key) => [key, record] as const)),
  );
}

/** Why a linked record that HubSpot no longer has is not written again by itself. */
export function goneError({ kind }: Pick<SyncRun, "kind">): AppError {
  return new AppError(
    "not-found",
    `HubSpot no longer has this ${nounOf(kind)}: it was deleted or merged there. Nothing was created in its place.`,
    { code: "GONE_IN_HUBSPOT" },
  );
}

/** Why a record that HubSpot counts as part of another one is not synced. */
export function twinError({ kind }: Pick<SyncRun, "kind">): AppError {
  return kind.map.object === "contacts"
    ? new AppError(
        "conflict",
        "HubSpot holds this contact and another local one as a single record (one is its second e-mail). Merge the two local contacts, or split them in HubSpot.",
        { code: "SAME_HUBSPOT_CONTACT" },
      )
    : new AppError(
        "conflict",
        "HubSpot holds this customer and another local one as a single company. Correct the HubSpot id or the account number of one of them.",
        { code: "SAME_HUBSPOT_COMPANY" },
      );
}

/** Why a record is not joined to the HubSpot record that it names. */
export function strangerError({ kind }: Pick<SyncRun, "kind">): AppError {
  return new AppError(
    "conflict",
    `The HubSpot record that this ${nounOf(kind)} names by its id has another ${kind.keyProperty}. Correct the id here, or ${kind.keyProperty} in HubSpot.`,
    { code: "OTHER_HUBSPOT_RECORD" },
  );
}

/** What a record of the kind is called in messages. */
export function nounOf(kind: SyncKind): string {
  return kind.map.object === "contacts" ? "contact" : "customer";
}
