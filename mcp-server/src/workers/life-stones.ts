/** Tombstones of records, found by id or by the keyed hash of what names them. */
import { tombstoneText } from "../core/tombstone.ts";
import type { Tombstone } from "../ports/life-store.ts";
import type { Store } from "../ports/store.ts";
import { iso } from "./iso-time.ts";

const SALT = "tombstone-salt";
const SALT_BYTES = 32;

type Object = Tombstone["object"];

/** Hashes keys of records with this database's own secret; the same key always gives the same hash. */
export type HashKeys = (
  object: Object,
  keys: readonly string[],
) => Promise<ReadonlyMap<string, string>>;

/** The hash function, or null while nothing was ever hashed here: no tombstone can be found by a key then. */
export async function knownHash(store: Store): Promise<HashKeys | null> {
  const salt = await store.cursors.get(SALT);
  return salt === null ? null : hashWith(salt);
}

/** The hash function, with a secret made now if there is none yet; processes that make one at once agree on the first. Not inside a transaction. */
export async function madeHash(store: Store, now: number): Promise<HashKeys> {
  const known = await knownHash(store);
  if (known) return known;
  const fresh = Buffer.from(crypto.getRandomValues(new Uint8Array(SALT_BYTES))).toString("base64");
  const agreed = await store.shared.change(
    SALT,
    (first) => {
      const value = first ?? JSON.stringify(fresh);
      return { value, result: value };
    },
    iso(now),
  );
  const salt: string = JSON.parse(agreed);
  await store.cursors.set(SALT, salt, iso(now));
  return hashWith(salt);
}

function hashWith(salt: string): HashKeys {
  const made = crypto.subtle.importKey(
    "raw",
    Buffer.from(salt, "base64"),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return async (object, keys) => {
    const key = await made;
    const hashes = [...new Set(keys)].map(async (text) => {
      const signed = await crypto.subtle.sign(
        "HMAC",
        key,
        Buffer.from(tombstoneText(object, text)),
      );
      return [text, Buffer.from(signed).toString("base64url")] as const;
    });
    return new Map(await Promise.all(hashes));
  };
}

/** A record to find tombstones for; `hubspotId` null: it is not linked. */
export interface Mourned {
  readonly id: number;
  readonly key: string;
  readonly hubspotId: string | null;
}

/** Tombstones by local id; records without any are left out. */
export type Stones = ReadonlyMap<number, readonly Tombstone[]>;

/**
 * The tombstones of local records: those of their HubSpot record where they are linked, else those that name them or have their key. Costs one small query while
 * there are no tombstones at all.
 */
export async function stonesOf(
  store: Store,
  object: Object,
  records: readonly Mourned[],
): Promise<Stones> {
  if (records.length === 0 || !(await store.tombstones.any())) return new Map();
  const linked = records.filter(({ hubspotId }) => hubspotId !== null);
  const others = records.filter(({ hubspotId }) => hubspotId === null);
  const byRecord = Map.groupBy(
    await store.tombstones.byHubspotIds(
      object,
      linked.flatMap(({ hubspotId }) => hubspotId ?? []),
    ),
    ({ hubspot_id }) => hubspot_id,
  );
  const byLocal = Map.groupBy(
    await store.tombstones.byLocalIds(
      object,
      others.map(({ id }) => id),
    ),
    ({ local_id }) => local_id,
  );
  const byKey = await stonesByKey(
    store,
    object,
    others.map(({ key }) => key),
  );
  const found = records.map(({ id, key, hubspotId }) => {
    const stones =
      hubspotId === null
        ? [...(byLocal.get(id) ?? []), ...(byKey.get(key) ?? [])]
        : (byRecord.get(hubspotId) ?? []);
    return [id, onePerRecord(stones)] as const;
  });
  return new Map(found.filter(([, stones]) => stones.length > 0));
}

function onePerRecord(stones: readonly Tombstone[]): readonly Tombstone[] {
  return [...new Map(stones.map((stone) => [stone.hubspot_id, stone])).values()];
}

/** Tombstones by the key that was asked for, e.g. a contact's e-mail. */
export async function stonesByKey(
  store: Store,
  object: Object,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly Tombstone[]>> {
  const hash = keys.length > 0 ? await knownHash(store) : null;
  if (!hash) return new Map();
  const hashes = await hash(object, keys);
  const found = await store.tombstones.byKeyHashes(object, [...new Set(hashes.values())]);
  const byHash = Map.groupBy(found, ({ key_hash }) => key_hash);
  return new Map([...hashes].map(([key, hashed]) => [key, byHash.get(hashed) ?? []]));
}
