/** Turns changes of records into webhook events, for those that the app subscribed to. */
import { type Account, propertiesOf } from "./account.ts";
import type { LinkChange } from "./association-store.ts";
import { findObjectType, type ObjectType } from "./object-types.ts";
import { liveProperty } from "./property-store.ts";
import type { Source, Values } from "./records.ts";
import type { Subscription, WebhookEvent } from "./webhook-outbox.ts";

/** Which record changed, by whom and when (ms). */
export type Happening = {
  readonly type: ObjectType;
  readonly id: string;
  readonly source: Source;
  readonly at: number;
};

/** Two records that became one. */
export type MergeFacts = {
  readonly primaryId: string;
  readonly mergedId: string;
  readonly moved: number;
};

type Details = Partial<WebhookEvent>;

/** The objects that have subscriptions of their own; others only have `object.*` ones. */
const CLASSIC: ReadonlySet<string> = new Set(["contacts", "companies", "deals", "tickets"]);

/**
 * HubSpot docs, webhooks, read 2026-10: no propertyChange comes for these two. The contacts' own
 * name of the modified date is taken to be as silent as the others'.
 */
const SILENT_PROPERTIES: ReadonlySet<string> = new Set([
  "hs_lastmodifieddate",
  "lastmodifieddate",
  "num_unique_conversion_events",
]);

const FIRST_SUBSCRIPTION = 3_327_000;
const EVENT_IDS = 4_294_967_296;

function subscriptionId(account: Account, key: string): number {
  const { subscriptionIds } = account.outbox;
  const id = subscriptionIds.get(key) ?? FIRST_SUBSCRIPTION + subscriptionIds.size;
  subscriptionIds.set(key, id);
  return id;
}

function isWanted(subscription: Subscription, subscriptionType: string, details: Details): boolean {
  const { subscriptionTypes, propertyNames } = subscription;
  if (subscriptionTypes !== null && !subscriptionTypes.includes(subscriptionType)) return false;
  const { propertyName } = details;
  return (
    propertyNames === null || propertyName === undefined || propertyNames.includes(propertyName)
  );
}

/** How the event is called, null where there is no subscription for it. */
function subscriptionTypeOf(type: ObjectType, kind: string, generic: boolean): string | null {
  // HubSpot docs, generic subscriptions, read 2026-11: privacy deletions exist in the old form only.
  if (generic && kind !== "privacyDeletion") return `object.${kind}`;
  return CLASSIC.has(type.name) ? `${type.singular}.${kind}` : null;
}

/** The events of one change share an id: nobody may take it for unique. */
function eventIdOf(account: Account): number {
  return 1 + account.outbox.random.below(EVENT_IDS - 1);
}

function isListening(account: Account): boolean {
  return account.outbox.subscription !== null && account.outbox.muted === 0;
}

function dueAt(account: Account, { auto }: Subscription): number {
  const [shortest, longest] = account.settings.webhookDelayMs;
  const delay = shortest + account.outbox.random.below(longest - shortest + 1);
  return (auto ? Date.now() : account.now()) + delay;
}

function push(
  account: Account,
  { type, source, at }: Happening,
  { kind, eventId }: { kind: string; eventId: number },
  details: Details,
): void {
  const { outbox } = account;
  const { subscription } = outbox;
  if (subscription === null) return;
  const subscriptionType = subscriptionTypeOf(type, kind, subscription.generic);
  if (subscriptionType === null || !isWanted(subscription, subscriptionType, details)) return;
  const isGeneric = subscriptionType.startsWith("object.");
  const key = [subscriptionType, type.id, details.propertyName ?? ""].join("/");
  const event: WebhookEvent = {
    eventId,
    subscriptionId: subscriptionId(account, key),
    portalId: account.portalId,
    appId: account.appId,
    occurredAt: at,
    subscriptionType,
    attemptNumber: 0,
    ...(isGeneric && kind !== "associationChange" ? { objectTypeId: type.id } : {}),
    ...details,
    changeSource: source.type,
    ...(source.id === "" ? {} : { sourceId: source.id }),
  };
  outbox.waiting.push({ event, dueAt: dueAt(account, subscription) });
  outbox.onRaised?.();
}

/** One event about the record as a whole. */
function raise(account: Account, happening: Happening, kind: string, details: Details): void {
  if (!isListening(account)) return;
  const objectId = Number(happening.id);
  push(account, happening, { kind, eventId: eventIdOf(account) }, { objectId, ...details });
}

/** One propertyChange per value; those that HubSpot computed say CALCULATED. */
export function raisePropertyChanges(account: Account, happening: Happening, values: Values): void {
  if (!isListening(account)) return;
  const { type, source } = happening;
  const store = propertiesOf(account, type);
  const eventId = eventIdOf(account);
  const isGeneric = account.outbox.subscription?.generic === true;
  for (const [propertyName, value] of Object.entries(values)) {
    const definition = liveProperty(store, propertyName);
    if (definition === undefined || SILENT_PROPERTIES.has(propertyName)) continue;
    const isSensitive = definition.dataSensitivity !== "non_sensitive";
    const author = definition.calculated ? { type: "CALCULATED", id: "" } : source;
    push(
      account,
      { ...happening, source: author },
      { kind: "propertyChange", eventId },
      {
        objectId: Number(happening.id),
        propertyName,
        propertyValue: isSensitive ? "REDACTED" : value,
        ...(isGeneric ? { isSensitive } : {}),
      },
    );
  }
}

/** A new record: one creation event, and its values too where the account is set so. */
export function raiseCreation(account: Account, happening: Happening, given: Values): void {
  raise(account, happening, "creation", { changeFlag: "CREATED" });
  if (account.settings.creationRaisesPropertyChanges)
    raisePropertyChanges(account, happening, given);
}

/** A record went to the recycle bin. */
export function raiseDeletion(account: Account, happening: Happening): void {
  raise(account, happening, "deletion", { changeFlag: "DELETED" });
}

/**
 * A contact was deleted for privacy, which also tells a deletion.
 * HubSpot docs, webhooks, read 2026-10.
 */
export function raisePrivacyDeletion(account: Account, happening: Happening): void {
  if (happening.type.name === "contacts")
    raise(account, happening, "privacyDeletion", { changeFlag: "DELETED" });
}

/** A record came back from the recycle bin. */
export function raiseRestore(account: Account, happening: Happening): void {
  raise(account, happening, "restore", { changeFlag: "RESTORED" });
}

/** Two records became one, `happening.id`: the only event, values moved by it tell none. */
export function raiseMerge(account: Account, happening: Happening, facts: MergeFacts): void {
  raise(account, happening, "merge", {
    objectId: Number(facts.primaryId),
    primaryObjectId: Number(facts.primaryId),
    mergedObjectIds: [Number(facts.mergedId)],
    newObjectId: Number(happening.id),
    numberOfPropertiesMoved: facts.moved,
    changeFlag: "MERGED",
  });
}

function associationEvent(
  account: Account,
  change: LinkChange,
  { source, eventId }: { source: Source; eventId: number },
): void {
  const { from, to, type: association, isRemoved } = change;
  const type = findObjectType(from.typeId);
  const toType = findObjectType(to.typeId);
  const isGeneric = account.outbox.subscription?.generic === true;
  if (type === undefined || toType === undefined) return;
  if (!isGeneric && !CLASSIC.has(toType.name)) return;
  const names = [type.singular, toType.singular].map((name) => name.toUpperCase());
  const details: Details = {
    associationType: names.join("_TO_"),
    fromObjectId: Number(from.id),
    toObjectId: Number(to.id),
    associationRemoved: isRemoved,
    isPrimaryAssociation: association.label === "Primary",
    ...(isGeneric
      ? {
          associationCategory: "HUBSPOT_DEFINED",
          associationTypeId: association.typeId,
          fromObjectTypeId: from.typeId,
          toObjectTypeId: to.typeId,
        }
      : {}),
  };
  const happening = { type, id: from.id, source, at: account.now() };
  push(account, happening, { kind: "associationChange", eventId }, details);
}

/** Associations made and taken away, each told from either side. */
export function raiseLinkChanges(
  account: Account,
  changes: readonly LinkChange[],
  source: Source,
): void {
  if (!isListening(account) || changes.length === 0) return;
  const eventId = eventIdOf(account);
  for (const change of changes) associationEvent(account, change, { source, eventId });
}
