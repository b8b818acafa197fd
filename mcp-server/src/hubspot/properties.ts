/** Property definitions: reading them, and creating what is not there yet. */
import { z } from "zod";
import { cut } from "../core/batching.ts";
import type { ExistingProperty, NeededProperty } from "../core/crm-setup.ts";
import { AppError } from "../core/errors.ts";
import type { CrmCall, CrmObject } from "../ports/crm.ts";
import type { Clock } from "../ports/world.ts";
import { propertyBatchCreate, propertyGroups, propertyList } from "./paths.ts";
import { refusalError, refusalOf } from "./refusal.ts";
import type { Send } from "./requester.ts";
import { batchErrorsSchema, parsed, readAnswer } from "./wire.ts";

const MAX_INPUTS = 100;
// A new property was readable after 0.25 to 0.7 s (live tests, 2026-09); give it several times that.
const SETTLE_TRIES = 8;
const SETTLE_MS = 500;

const KNOWN_TYPES = ["string", "number", "date", "datetime", "enumeration", "bool"] as const;

const propertySchema = z
  .object({
    name: z.string(),
    label: z.string().catch(""),
    // Telephone numbers, coordinates and the like are text to us.
    type: z.enum(KNOWN_TYPES).catch("string"),
    fieldType: z.string().catch(""),
    groupName: z.string().catch(""),
    description: z.string().optional().catch(undefined),
    hasUniqueValue: z.boolean().optional().catch(undefined),
    calculated: z.boolean().optional().catch(undefined),
    externalOptions: z.boolean().optional().catch(undefined),
    modificationMetadata: z.object({ readOnlyValue: z.boolean().optional() }).optional(),
    options: z
      .array(z.object({ label: z.string(), value: z.string() }))
      .optional()
      .catch(undefined),
  })
  .transform(
    ({
      modificationMetadata,
      calculated,
      externalOptions,
      description,
      hasUniqueValue,
      options,
      ...rest
    }) =>
      ({
        ...rest,
        readOnly: modificationMetadata?.readOnlyValue ?? false,
        calculated: calculated ?? false,
        externalOptions: externalOptions ?? false,
        ...(description === undefined ? {} : { description }),
        ...(hasUniqueValue === undefined ? {} : { hasUniqueValue }),
        ...(options === undefined ? {} : { options }),
      }) satisfies ExistingProperty,
  );

const listSchema = z.object({ results: z.array(propertySchema).nonempty() });
const createdSchema = z.object({
  results: z.array(z.object({ name: z.string() })),
  ...batchErrorsSchema,
});

/** All definitions that are not archived. Never empty: every object has HubSpot's own. */
export async function readProperties(
  send: Send,
  object: CrmObject,
  call?: CrmCall,
): Promise<readonly ExistingProperty[]> {
  const answer = await readAnswer(
    send,
    { method: "GET", route: propertyList(object), lane: "objects", effect: "read" },
    listSchema,
    call,
  );
  return answer.results;
}

/** A group that exists already is left as it is. */
export async function createGroup(
  send: Send,
  object: CrmObject,
  group: { readonly name: string; readonly label: string },
  call?: CrmCall,
): Promise<void> {
  const reply = await send(
    {
      method: "POST",
      route: propertyGroups(object),
      body: { name: group.name, label: group.label, displayOrder: -1 },
      lane: "objects",
      effect: "repeatable",
    },
    call,
  );
  if (reply.kind === "answered" || (reply.kind === "refused" && reply.refusal.status === 409)) {
    return;
  }
  throw reply.kind === "refused" ? refusalError(reply.refusal) : reply.error;
}

/**
 * Creates those that do not exist, and returns when all can be read. Existing ones are left as they are, whatever their definition.
 * Throws AppError when one was refused, or came back from the archive as something else.
 */
export async function createMissing(
  world: { readonly send: Send; readonly clock: Clock },
  object: CrmObject,
  wanted: readonly NeededProperty[],
  call?: CrmCall,
): Promise<void> {
  let missing = without(wanted, await readProperties(world.send, object, call));
  for (const batch of cut(missing, MAX_INPUTS)) await createBatch(world.send, object, batch, call);
  const created = missing;
  for (let tries = 0; missing.length > 0; tries += 1) {
    const existing = await readProperties(world.send, object, call);
    missing = without(missing, existing);
    if (missing.length === 0) return refuseOtherwise(created, existing);
    if (tries >= SETTLE_TRIES) throw notThere(missing);
    await world.clock.wait(SETTLE_MS, call?.signal);
  }
}

async function createBatch(
  send: Send,
  object: CrmObject,
  batch: readonly NeededProperty[],
  call?: CrmCall,
): Promise<void> {
  const reply = await send(
    {
      method: "POST",
      route: propertyBatchCreate(object),
      body: { inputs: batch.map(wireProperty) },
      lane: "objects",
      // A name that exists already is refused, so sending it again cannot make a second one.
      effect: "repeatable",
    },
    call,
  );
  if (reply.kind === "refused") {
    // Another process was faster: what it left out is seen to when the definitions are read again.
    if (reply.refusal.status !== 409) throw refusalError(reply.refusal);
    if (batch.length > 1) for (const one of batch) await createBatch(send, object, [one], call);
    return;
  }
  if (reply.kind !== "answered") throw reply.error;
  const refused = parsed(createdSchema, reply.body)
    .errors.map((fault) => refusalOf(400, fault))
    .find((refusal) => refusal.category !== "OBJECT_ALREADY_EXISTS");
  if (refused !== undefined) throw refusalError(refused);
}

/** The specification demands `hidden` of each option; an order keeps the menu as the map lists it. */
function wireProperty({ options, ...rest }: NeededProperty) {
  if (options === undefined) return rest;
  const ordered = options.map(({ label, value }, displayOrder) => ({
    label,
    value,
    displayOrder,
    hidden: false,
  }));
  return { ...rest, options: ordered };
}

function without(
  wanted: readonly NeededProperty[],
  existing: readonly ExistingProperty[],
): readonly NeededProperty[] {
  const names = new Set(existing.map(({ name }) => name));
  return wanted.filter(({ name }) => !names.has(name));
}

/** Creating a property whose name is in HubSpot's archive brings the old one back, with its old definition (live tests, 2026-09). */
function refuseOtherwise(
  created: readonly NeededProperty[],
  existing: readonly ExistingProperty[],
): void {
  const byName = new Map(existing.map((property) => [property.name, property]));
  const wrong = created.filter(({ name, type, hasUniqueValue = false }) => {
    const found = byName.get(name);
    return found?.type !== type || (hasUniqueValue && found.hasUniqueValue !== true);
  });
  if (wrong.length === 0) return;
  const names = wrong.map(({ name }) => name).join(", ");
  throw new AppError(
    "input",
    `HubSpot already had an archived definition of these properties, of another type or without unique values: ${names}. Archive them and give the field map other names.`,
    { code: "PROPERTY_RESTORED" },
  );
}

function notThere(missing: readonly NeededProperty[]): AppError {
  const names = missing.map(({ name }) => name).join(", ");
  return new AppError("unavailable", `HubSpot does not show new properties yet: ${names}.`, {
    code: "PROPERTIES_NOT_VISIBLE",
  });
}
