/** Reads the three sides of records: what is stored, the bases, and what HubSpot holds now. */
import type { FieldRule } from "../core/field-map.ts";
import { readPath } from "../core/field-map.ts";
import {
  type FormerRecord,
  type LocalSide,
  type Sides,
  withoutFields,
} from "../core/sync-record.ts";
import { isForFurtherKey, type StoneFacts } from "../core/tombstone.ts";
import type { CrmRecord } from "../ports/crm.ts";
import { type Stones, stonesOf } from "./life-stones.ts";
import { findTwins } from "./life-twins.ts";
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
 * another local record as one (e.g. as its second e-mail), which has the link and whose id comes along; `woken` are further records that this concerns. `strangers`: the record that
 * they name by its HubSpot id answers to another key.
 */
export interface SidesRead {
  readonly sides: readonly Sides[];
  readonly gone: readonly Sides[];
  readonly twins: ReadonlyMap<Sides, number | null>;
  readonly strangers: readonly Sides[];
  readonly woken: readonly number[];
  /** Tombstones by local id. */
  readonly stones: Stones;
  /** Properties that HubSpot did not answer for although they held values at the last sync: it has them no more. */
  readonly unanswered: readonly string[];
}

/** Reads the sides in as few requests as HubSpot allows: by id where linked, by key where not, and then by whatever else may lead to the record. */
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
  const stones = await stonesOf(
    store,
    object,
    locals.map(({ id, key }) => ({ id, key, hubspotId: links.get(id) ?? null })),
  );
  const found = await findRecords({ reading, links, stones }, locals);
  const all = locals.map((side): Sides => {
    const { record = null, former } = found.get(side.id) ?? {};
    const base = former?.how === "replaced" ? {} : (bases.get(side.id) ?? {});
    return {
      ...side,
      hubspotId: record?.id ?? links.get(side.id) ?? null,
      remote: record?.properties ?? null,
      base: withoutFields(base, forgotten),
      remoteAt: null,
      ...(former ? { former } : {}),
    };
  });
  return { ...(await sorted(reading, all, links)), stones };
}

interface Finding {
  readonly reading: Reading;
  readonly links: ReadonlyMap<number, string>;
  readonly stones: Stones;
}

interface FoundRecord {
  readonly record: CrmRecord;
  readonly former?: FormerRecord;
}

/**
 * HubSpot's records by local id. A linked one that is gone is looked for by its key: people may have entered it anew. One without a link is looked
 * for by its key, by the id that it lost when HubSpot deleted its record, and by the id that it names itself.
 */
async function findRecords(
  { reading, links, stones }: Finding,
  locals: readonly LocalSide[],
): Promise<ReadonlyMap<number, FoundRecord>> {
  const { kind } = reading;
  const unlinked = locals.filter(({ id }) => !links.has(id));
  const [byId, byKey] = await Promise.all([
    readById(reading, [...links.values()]),
    readByKey(
      reading,
      unlinked.map(({ key }) => key),
    ),
  ]);
  const missed = locals.filter(({ id }) => links.has(id) && !byId.has(links.get(id) ?? ""));
  const open = unlinked.filter(({ key }) => !byKey.has(kind.comparable(key)));
  const lost = lostIds(open, stones);
  const named = namedIds(kind, open);
  const [byOther, byNewKey] = await Promise.all([
    readById(reading, [...lost.values(), ...named.values()]),
    readByKey(
      reading,
      missed.map(({ key }) => key),
    ),
  ]);
  const find = ({ id, key }: LocalSide): FoundRecord | null => {
    const link = links.get(id);
    if (link !== undefined)
      return (
        followed(byId.get(link), link, "merged") ??
        followed(byNewKey.get(kind.comparable(key)), link, "replaced")
      );
    const lostId = lost.get(id) ?? "";
    const restored = byOther.get(lostId);
    const record = byKey.get(kind.comparable(key)) ?? byOther.get(named.get(id) ?? "");
    if (record) return { record };
    return restored ? { record: restored, former: { hubspotId: lostId, how: "restored" } } : null;
  };
  return new Map(
    locals.flatMap((side) => {
      const found = find(side);
      return found ? [[side.id, found] as const] : [];
    }),
  );
}

function followed(
  record: CrmRecord | undefined,
  hubspotId: string,
  how: "merged" | "replaced",
): FoundRecord | null {
  if (!record) return null;
  return record.id === hubspotId ? { record } : { record, former: { hubspotId, how } };
}

/** The HubSpot ids that records had before HubSpot deleted theirs. */
function lostIds(locals: readonly LocalSide[], stones: Stones): ReadonlyMap<number, string> {
  return new Map(
    locals.flatMap(({ id }) => {
      const isLost = ({ reason, hubspot_id }: StoneFacts & { readonly hubspot_id: string }) =>
        reason === "deleted" && !isForFurtherKey(hubspot_id);
      const stone = stones.get(id)?.find(isLost);
      return stone ? [[id, stone.hubspot_id] as const] : [];
    }),
  );
}

async function sorted(
  { store, kind }: Reading,
  all: readonly Sides[],
  links: ReadonlyMap<number, string>,
): Promise<Omit<SidesRead, "stones">> {
  const { twins, woken } = await findTwins({ store, kind }, all);
  const strangers = new Set(all.filter((side) => !links.has(side.id) && isStranger(kind, side)));
  const gone = new Set(all.filter(({ id, remote }) => links.has(id) && remote === null));
  return {
    unanswered: unanswered(kind, all),
    sides: all.filter((side) => !gone.has(side) && !twins.has(side) && !strangers.has(side)),
    gone: [...gone].filter((side) => !twins.has(side)),
    twins,
    strangers: [...strangers].filter((side) => !twins.has(side)),
    woken,
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
function isStranger(kind: SyncKind, { key, remote, former }: Sides): boolean {
  if (former) return false;
  const keys = remote ? kind.keysOf(remote) : [];
  return keys.length > 0 && !keys.includes(kind.comparable(key));
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
