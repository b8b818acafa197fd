/** The `queue-sync` tool: another program's word that a record changed, so that it is looked at soon. */
import { z } from "zod";
import { badArgument } from "../core/argument-error.ts";
import { DEBOUNCE_MS } from "../core/debounce.ts";
import { AppError } from "../core/errors.ts";
import type { FieldMap, FieldRule, MappedObject } from "../core/field-map.ts";
import type { Store } from "../ports/store.ts";
import { emailArgument } from "./selection-arguments.ts";
import { shownText } from "./shown-text.ts";
import { defineTool, type Tool, type ToolServices } from "./tool.ts";
import { waitsFor } from "./waits-for.ts";

const MAX_SOURCE = 60;

const input = z.strictObject({
  object: z.enum(["contacts", "customers", "contact", "customer"]).describe("What changed"),
  id: z.number().min(1).optional().describe("Its local id; or email, or ban"),
  email: z.string().max(320).optional().describe("contacts: the e-mail instead of the id"),
  ban: z.string().max(100).optional().describe("customers: the billing account number"),
  changed_fields: z
    .array(z.string().max(100))
    .min(1)
    .max(100)
    .optional()
    .describe("Names in the field map, or columns; default: look at all"),
  trigger_source: z.string().max(200).optional().describe('Who says so, e.g. "api"'),
});
type QueueInput = z.output<typeof input>;

const output = z.object({
  queued: z.boolean(),
  due_at: z.string().nullable(),
  fields: z.array(z.string()).describe("May leave for HubSpot"),
  ignored_fields: z.array(z.string()).describe("HubSpot owns them, or they stay here"),
  next: z.string(),
});

/** Marks a record for the next sync, at once when a real-time field changed. */
export function queueSyncTool(services: ToolServices): Tool {
  return defineTool({
    name: "queue-sync",
    title: "Queue a record for sync",
    description:
      "Say that a contact or customer changed, so that a sync takes it on: due at once when changed_fields names a real-time field, otherwise within seconds, " +
      "together with other changes of the record. next says whether it is then sent by itself or waits for a call of sync. Of changed_fields only those count that the field map lets leave for HubSpot; when there is none, nothing is queued. " +
      "For programs that know what they changed; edits in the database are noticed without it. Saying it twice costs nothing. " +
      "Do not use it to sync many records or to wait for the outcome (sync).",
    input,
    output,
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    run: async (args) => await queueRecord(services, args),
  });
}

async function queueRecord(
  services: ToolServices,
  args: QueueInput,
): Promise<z.input<typeof output>> {
  const object = args.object.startsWith("contact") ? "contacts" : "customers";
  const rules = rulesNamed(services.fieldMaps[object], args.changed_fields);
  const local_id = await localIdOf(services.store, object, args);
  const leaving = rules.filter(mayLeave);
  const fields = leaving.map((rule) => rule.field);
  const ignored_fields = rules.filter((rule) => !mayLeave(rule)).map((rule) => rule.field);
  if (leaving.length === 0)
    return { queued: false, due_at: null, fields, ignored_fields, next: NOTHING };
  // Without names nobody said that a real-time field changed.
  const urgent = args.changed_fields !== undefined && leaving.some((rule) => rule.realTime);
  const now = services.clock.now();
  const due_at = new Date(now + (urgent ? 0 : DEBOUNCE_MS)).toISOString();
  const reason = `queued by ${shownText(args.trigger_source ?? "a caller", MAX_SOURCE)}`;
  const since = new Date(now).toISOString();
  await services.store.queue.add([{ object, local_id, reason, due_at, urgent, since }]);
  const next = waitsFor(services) ?? BY_ITSELF;
  return { queued: true, due_at, fields, ignored_fields, next };
}

const NOTHING = "None of these fields leaves for HubSpot, so nothing was queued.";
// Nothing reaches HubSpot by itself before somebody asked for a sync.
const BY_ITSELF =
  "It is synced by itself when it is due, once a first sync was made; query-contacts with email or ban shows when it was.";

function mayLeave({ direction }: FieldRule): boolean {
  return direction === "WARP_TO_HUBSPOT" || direction === "BIDIRECTIONAL";
}

/** The rules that the names mean, in the map's order; all of them when there are no names. Throws `input` for unknown ones. */
function rulesNamed(map: FieldMap, names: readonly string[] | undefined): readonly FieldRule[] {
  if (names === undefined) return map.rules;
  const unknown = names.filter((name) => !map.rules.some((rule) => isMeant(rule, name)));
  if (unknown.length > 0) {
    const known = map.rules.map((rule) => rule.field).join(", ");
    const problem = `The field map of ${map.object} does not know ${unknown.length} of these names; it has: ${known}.`;
    throw badArgument("changed_fields", problem);
  }
  return map.rules.filter((rule) => names.some((name) => isMeant(rule, name)));
}

/** A field by its name or the column that holds it; a complex field's name means all its parts. */
function isMeant({ field, path }: FieldRule, name: string): boolean {
  return (
    field === name || field.startsWith(`${name}.`) || path[0] === name || path.join(".") === name
  );
}

async function localIdOf(store: Store, object: MappedObject, args: QueueInput): Promise<number> {
  const given = [args.id, args.email, args.ban].filter((value) => value !== undefined);
  const key = object === "contacts" ? "email" : "ban";
  const other = object === "contacts" ? "ban" : "email";
  if (args[other] !== undefined) {
    throw badArgument(other, `"${other}" does not name ${object}; give "id" or "${key}".`);
  }
  if (given.length !== 1) throw badArgument("id", `Name the record by either "id" or "${key}".`);
  const id = object === "contacts" ? await contactId(store, args) : await customerId(store, args);
  if (id !== undefined) return id;
  throw new AppError(
    "not-found",
    `There is no such record among the ${object} here; import it first.`,
  );
}

async function contactId(store: Store, { id, email }: QueueInput): Promise<number | undefined> {
  const found =
    email === undefined
      ? await store.contacts.findByIds(wholeIds(id))
      : await store.contacts.findByEmails([emailArgument("email", email)]);
  return found[0]?.id;
}

async function customerId(store: Store, { id, ban }: QueueInput): Promise<number | undefined> {
  const found =
    ban === undefined
      ? await store.customers.findByIds(wholeIds(id))
      : await store.customers.findByBans([ban.trim()]);
  return found[0]?.id;
}

function wholeIds(id: number | undefined): readonly number[] {
  return id !== undefined && Number.isSafeInteger(id) ? [id] : [];
}
