/** Reads HubSpot's notifications: which record each is about, and which records it is a reason to look at. */
import type { Signal, SignalObject } from "./signal.ts";
import { isoInstant } from "./value-calendar.ts";

/** A notification as the inbox keeps it. */
export interface ReadNotification {
  /** HubSpot's id, which is not unique; "" when there is none. */
  readonly event_id: string;
  /** e.g. "contact.propertyChange"; "" when there is none. */
  readonly subscription_type: string;
  /** contacts, companies, or HubSpot's own word for anything else; "" when unknown. */
  readonly object: string;
  readonly object_id: string;
  /** ISO-8601 UTC; when it was received where it says nothing that can be read. */
  readonly occurred_at: string;
  /** JSON text of the notification; a contact's is without the value that changed. */
  readonly payload: string;
  /** Why it cannot be used, in a sentence; null for a readable one. */
  readonly error: string | null;
}

/** What the reading of a notification depends on besides itself. */
export interface Receipt {
  /** ISO-8601 UTC. */
  readonly at: string;
  /** The app whose notifications these must be; null = any that is signed rightly. */
  readonly appId: string | null;
}

/** What is looked at of a notification; what is not said, or cannot be read, is undefined. */
interface Notification {
  readonly eventId: string | undefined;
  readonly type: string;
  readonly occurredAt: number | undefined;
  readonly appId: string | undefined;
  readonly objectId: string | undefined;
  readonly objectTypeId: string | undefined;
  readonly primaryObjectId: string | undefined;
  readonly mergedObjectIds: readonly (string | undefined)[];
  readonly newObjectId: string | undefined;
  readonly associationType: string | undefined;
  readonly fromObjectId: string | undefined;
  readonly fromObjectTypeId: string | undefined;
  readonly toObjectId: string | undefined;
  readonly toObjectTypeId: string | undefined;
}

/**
 * Lenient in every member, and so without a schema: thousands come in a second, and no member's fault is to hide another one. null when it is no object.
 * HubSpot's documentation of payloads (webhooks guide, read 2026-11) says `eventType` where real ones have `subscriptionType`.
 */
function notificationOf(raw: unknown): Notification | null {
  if (raw === null || typeof raw !== "object" || Array.isArray(raw)) return null;
  const said: Readonly<Record<string, unknown>> = { ...raw };
  const merged = said["mergedObjectIds"];
  return {
    eventId: eventIdOf(said["eventId"]),
    type: wordOf(said["subscriptionType"]) ?? wordOf(said["eventType"]) ?? "",
    occurredAt: wholeOf(said["occurredAt"]),
    appId: idOf(said["appId"]),
    objectId: idOf(said["objectId"]),
    objectTypeId: wordOf(said["objectTypeId"]),
    primaryObjectId: idOf(said["primaryObjectId"]),
    mergedObjectIds: Array.isArray(merged) ? merged.map(idOf) : [],
    newObjectId: idOf(said["newObjectId"]),
    associationType: wordOf(said["associationType"]),
    fromObjectId: idOf(said["fromObjectId"]),
    fromObjectTypeId: wordOf(said["fromObjectTypeId"]),
    toObjectId: idOf(said["toObjectId"]),
    toObjectTypeId: wordOf(said["toObjectTypeId"]),
  };
}

/** HubSpot sends ids as numbers; more digits than a 64-bit number has are nobody's id. */
function idOf(value: unknown): string | undefined {
  if (typeof value === "string") return /^[1-9]\d{0,18}$/.test(value) ? value : undefined;
  const whole = wholeOf(value);
  return whole === undefined || whole === 0 ? undefined : String(whole);
}

function eventIdOf(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? String(value) : wordOf(value);
}

function wholeOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** What HubSpot calls kinds and types: longer or stranger words are none of its own, and storage need not bear them. */
function wordOf(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w.:-]{1,100}$/.test(value) ? value : undefined;
}

const objectWords: Readonly<Record<string, SignalObject>> = {
  contact: "contacts",
  company: "companies",
  "0-1": "contacts",
  "0-2": "companies",
};

/**
 * Parses a body. Whole numbers beyond 2^53 come as their digits in text: rounded they would name other records.
 *
 * @throws SyntaxError when it is not JSON
 */
export function parseNotifications(text: string): unknown {
  // Hardly any body has such a number, and a reviver is called for every member.
  return /\d{16}/.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
}

function exactNumber(
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return Number.isInteger(value) || !Number.isFinite(value) ? (context?.source ?? value) : value;
}

/** Reads one notification of a batch, whatever it is. Never throws: one that cannot be used says why. */
export function readNotification(raw: unknown, receipt: Receipt): ReadNotification {
  const said = notificationOf(raw);
  const object = said === null ? "" : objectOf(said);
  const payload = textOf(object === "contacts" ? withoutValue(raw) : raw);
  if (said === null || payload === null) {
    const error = payload === null ? "It is nested too deeply." : "It is not a JSON object.";
    return { ...unknownOne(receipt), payload: payload ?? "null", error };
  }
  return {
    event_id: said.eventId ?? "",
    subscription_type: said.type,
    object,
    object_id: ownId(said) ?? "",
    occurred_at: instant(said.occurredAt) ?? receipt.at,
    payload,
    error: complaint(said, receipt),
  };
}

/**
 * Nobody reads the value: a look at the record tells it. One that is kept would outlive the person, whose erasure late notifications overtake.
 */
function withoutValue(raw: unknown): unknown {
  if (raw === null || typeof raw !== "object" || !("propertyValue" in raw)) return raw;
  const { propertyValue: _, ...kept } = raw;
  return kept;
}

/** null when it is nested deeper than can be written: parsing goes deeper than that. */
function textOf(raw: unknown): string | null {
  try {
    return JSON.stringify(raw) ?? "null";
  } catch {
    return null;
  }
}

function unknownOne(receipt: Receipt): Omit<ReadNotification, "payload" | "error"> {
  return {
    event_id: "",
    subscription_type: "",
    object: "",
    object_id: "",
    occurred_at: receipt.at,
  };
}

function complaint(said: Notification, { appId }: Receipt): string | null {
  if (said.type === "") return "It has no subscriptionType that could be read.";
  if (ownId(said) === undefined) return "It names no record: there is no id that could be read.";
  if (appId !== null && said.appId !== undefined && said.appId !== appId) {
    return `It is of app ${said.appId}, and HUBSPOT_APP_ID is another; correct or empty that setting.`;
  }
  return null;
}

/** What comes before the first dot says of what, the rest what happened. */
function parts(type: string): { readonly prefix: string; readonly happening: string } {
  const dot = type.indexOf(".");
  const prefix = dot < 0 ? type : type.slice(0, dot);
  const happening = dot < 0 ? "" : type.slice(dot + 1);
  return { prefix: prefix.toLowerCase(), happening: happening.toLowerCase() };
}

function objectWord(said: Notification): string {
  const { prefix } = parts(said.type);
  return prefix === "object" ? (said.objectTypeId ?? said.fromObjectTypeId ?? prefix) : prefix;
}

function objectOf(said: Notification): string {
  const own = objectWord(said);
  return signalObject(own) ?? own;
}

function signalObject(name: string): SignalObject | undefined {
  return Object.hasOwn(objectWords, name) ? objectWords[name] : undefined;
}

function ownId(said: Notification): string | undefined {
  return said.objectId ?? said.newObjectId ?? said.primaryObjectId ?? said.fromObjectId;
}

function instant(ms: number | undefined): string | undefined {
  if (ms === undefined) return undefined;
  // One form for all times in the table: they are compared as text.
  return isoInstant(String(ms))?.replace(/:(\d\d)Z$/, ":$1.000Z");
}

/**
 * The records that a stored notification is a reason to look at, each once; none for one that cannot be used, other objects and unknown
 * happenings. A merge names all of its ids, since any of them may be the one we know; an association both ends.
 */
export function signalsOf(event: Pick<ReadNotification, "payload" | "error">): readonly Signal[] {
  if (event.error !== null) return [];
  const said = notificationOf(parseStored(event.payload));
  if (said === null) return [];
  const { happening } = parts(said.type);
  if (happening === "associationchange") return associationSignals(said);
  const kind = kinds.get(happening);
  const object = signalObject(objectWord(said));
  if (kind === undefined || object === undefined) return [];
  const named = happening === "merge" ? mergedIds(said) : [said.objectId];
  return distinct(named.map((hubspotId) => ({ object, hubspotId, kind })));
}

const kinds: ReadonlyMap<string, Signal["kind"]> = new Map([
  ["propertychange", "changed"],
  ["creation", "changed"],
  ["restore", "changed"],
  ["merge", "changed"],
  ["deletion", "deleted"],
  ["privacydeletion", "erased"],
]);

function parseStored(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    // Only what another program wrote into the table can be broken: it is no reason to look at anything.
    return null;
  }
}

function mergedIds(said: Notification): readonly (string | undefined)[] {
  return [said.objectId, said.primaryObjectId, ...said.mergedObjectIds, said.newObjectId];
}

/** Ends are told by associationType, e.g. CONTACT_TO_COMPANY, or by type ids; failing both, the type's prefix tells of the first. */
function associationSignals(said: Notification): readonly Signal[] {
  const words = /([A-Z]+)_TO_([A-Z]+)/.exec(said.associationType ?? "");
  const from = said.fromObjectTypeId ?? words?.[1]?.toLowerCase() ?? objectWord(said);
  const to = said.toObjectTypeId ?? words?.[2]?.toLowerCase() ?? "";
  const ends = [
    { object: signalObject(objectWord(said)), hubspotId: said.objectId },
    { object: signalObject(from), hubspotId: said.fromObjectId },
    { object: signalObject(to), hubspotId: said.toObjectId },
  ];
  return distinct(ends.map((end) => ({ ...end, kind: "changed" })));
}

interface Named {
  readonly object: SignalObject | undefined;
  readonly hubspotId: string | undefined;
  readonly kind: Signal["kind"];
}

function distinct(named: readonly Named[]): readonly Signal[] {
  const signals = new Map<string, Signal>();
  for (const { object, hubspotId, kind } of named) {
    if (object !== undefined && hubspotId !== undefined) {
      signals.set(`${object} ${hubspotId}`, { object, hubspotId, kind });
    }
  }
  return [...signals.values()];
}

/** The ids that these merges, as the inbox keeps them, made part of one of the given records, directly or one after the other. */
export function mergedAway(
  payloads: readonly string[],
  hubspotIds: readonly string[],
): readonly string[] {
  const merges = payloads.flatMap((payload) => notificationOf(parseStored(payload)) ?? []);
  const found = new Set(hubspotIds);
  for (let known = 0; known < found.size; ) {
    known = found.size;
    for (const id of merges.filter((said) => livesOnIn(said, found)).flatMap(mergedIds))
      if (id !== undefined) found.add(id);
  }
  return [...found].filter((id) => !hubspotIds.includes(id));
}

function livesOnIn(said: Notification, ids: ReadonlySet<string>): boolean {
  return ids.has(said.newObjectId ?? said.primaryObjectId ?? "");
}
