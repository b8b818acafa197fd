/** The `query-contacts` tool: lists of contacts, or one contact or customer with why each field holds what it holds. */
import { z } from "zod";
import { badArgument } from "../core/argument-error.ts";
import type { Contact } from "../core/contact.ts";
import {
  type ContactSortField,
  contactFilterSchema,
  contactSortFields,
} from "../core/selection.ts";
import { jsonChars, MAX_ANSWER_CHARS, UNTRUSTED_NOTE } from "../core/untrusted.ts";
import type { ContactQuery, Page } from "../ports/contact-store.ts";
import {
  type ContactViewField,
  contactViewFields,
  defaultViewFields,
  viewContact,
} from "./contact-view.ts";
import { viewCustomer } from "./customer-view.ts";
import { recordEnds } from "./record-ends.ts";
import { emailArgument } from "./selection-arguments.ts";
import { hubspotIdOf, storySchema } from "./story-schema.ts";
import { defineTool, type Tool, type ToolServices } from "./tool.ts";

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

const input = z.strictObject({
  email: z.string().max(320).optional().describe("One contact, with the story of every field"),
  ban: z.string().max(100).optional().describe("One customer by billing account number, likewise"),
  filter: contactFilterSchema.optional().describe("All of these must hold"),
  search: z.string().max(200).optional().describe("Text inside e-mail, names or company"),
  fields: z
    .array(z.enum(contactViewFields))
    .min(1)
    .max(contactViewFields.length)
    .optional()
    .describe("Fields of each contact; fewer fields, more contacts per answer"),
  sort: z
    .string()
    .max(40)
    .optional()
    .describe(`One of ${contactSortFields.join(", ")}; "-" before it for descending`),
  limit: z.number().min(1).max(MAX_LIMIT).optional().describe("Contacts per page (default 20)"),
  cursor: z.string().max(2_000).optional().describe("next_cursor of the page before"),
});
type QueryInput = z.output<typeof input>;

const output = z.object({
  total: z.number().describe("All matches, not only this page"),
  contacts: z.array(z.looseObject({ email: z.string() })),
  customers: z
    .array(z.looseObject({ ban: z.string() }))
    .optional()
    .describe("With ban only"),
  next_cursor: z.string().nullable(),
  story: storySchema.optional().describe("With email or ban only"),
  truncated: z.boolean().optional(),
  how_to_narrow: z.string().optional(),
  next: z.string().optional(),
  note: z.string(),
});
type QueryOutput = z.input<typeof output>;

/** Reads contacts; never asks HubSpot. */
export function queryContactsTool(services: ToolServices): Tool {
  return defineTool({
    name: "query-contacts",
    title: "Query contacts",
    description:
      "Read contacts from the local database: by filter and search in pages, or one by email; or one customer by ban. " +
      "With email or ban it also tells, per field, who set the value and when, what HubSpot held after the last sync, whether a change is pending, blocked or in conflict, " +
      "by which rule it was last decided and which value gave way, and what the last syncs did. " +
      "Answers {total, contacts, next_cursor}; choose fields to keep answers small, and pass next_cursor back for the next page. " +
      "It never asks HubSpot: use import with source hubspot or sync to fetch, and sync-health for counts and failures.",
    input,
    output,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    run: async (args) => {
      if (args.email !== undefined) return await oneContact(services, args, args.email);
      if (args.ban !== undefined) return await oneCustomer(services, args, args.ban);
      return await listContacts(services, args);
    },
  });
}

const listArguments = ["filter", "search", "sort", "limit", "cursor"] as const;

async function oneContact(
  services: ToolServices,
  args: QueryInput,
  text: string,
): Promise<QueryOutput> {
  refuseStray(args, "email", [...listArguments, "ban"]);
  const [contact] = await services.store.contacts.findByEmails([emailArgument("email", text)]);
  if (!contact) {
    return none("No contact has this e-mail; try search with a part of it, or import the contact.");
  }
  // Telling a story takes the libraries of phones and countries, which no other answer needs.
  const { contactStory } = await import("./record-story.ts");
  const { story, truncated } = await contactStory(services, contact);
  const ends = await recordEnds(services.store, "contacts", [contact.id]);
  const view = viewContact(contact, args.fields ?? summaryFields, story.hubspot_id);
  return {
    ...none(null),
    total: 1,
    contacts: [{ ...view, ...ends.get(contact.id) }],
    story,
    ...(truncated ? { truncated } : {}),
  };
}

async function oneCustomer(
  services: ToolServices,
  args: QueryInput,
  ban: string,
): Promise<QueryOutput> {
  refuseStray(args, "ban", [...listArguments, "fields"]);
  const [customer] = await services.store.customers.findByBans([ban.trim()]);
  if (!customer) {
    const advice = "No customer has this billing account number; import the customer first.";
    return { ...none(advice), customers: [] };
  }
  const { customerStory } = await import("./record-story.ts");
  const { story, truncated } = await customerStory(services, customer);
  const ends = await recordEnds(services.store, "customers", [customer.id]);
  return {
    ...none(null),
    total: 1,
    customers: [{ ...viewCustomer(customer, story.hubspot_id), ...ends.get(customer.id) }],
    story,
    ...(truncated ? { truncated } : {}),
  };
}

function refuseStray(
  args: QueryInput,
  named: "email" | "ban",
  others: readonly (keyof QueryInput)[],
): void {
  const stray = others.find((name) => args[name] !== undefined);
  if (!stray) return;
  throw badArgument(stray, `"${stray}" does not go with "${named}", which names one record.`);
}

function none(next: string | null): QueryOutput {
  const advice = next === null ? {} : { next };
  return { total: 0, contacts: [], next_cursor: null, ...advice, note: UNTRUSTED_NOTE };
}

// The story tells the plain fields one by one; here is what it does not hold.
const summaryFields: readonly ContactViewField[] = [
  "id",
  ...defaultViewFields,
  "unsubscribed",
  "quality_reasons",
  "intelligence",
  "enrichment_note",
  "failed_stage",
  "error",
  "retry_at",
  "hubspot_id",
];

async function listContacts(services: ToolServices, args: QueryInput): Promise<QueryOutput> {
  const fields = args.fields ?? defaultViewFields;
  const wanted = Math.floor(args.limit ?? DEFAULT_LIMIT);
  // The store's cursor belongs to the last row of the page it made, so a page that is too long is asked for again, shorter.
  for (let limit = wanted; ; limit = Math.max(1, Math.floor(limit / 2))) {
    const page = await services.store.contacts.query(storeQuery(args, limit));
    const contacts = await viewPage(services, page.items, fields);
    if (limit === 1 || jsonChars(contacts) <= MAX_ANSWER_CHARS) {
      return answer(page, contacts, limit < wanted);
    }
  }
}

function answer(page: Page<Contact>, contacts: QueryOutput["contacts"], cut: boolean): QueryOutput {
  return {
    total: page.total,
    contacts,
    next_cursor: page.next_cursor,
    ...(cut
      ? {
          truncated: true,
          how_to_narrow:
            "The page was cut to fit: choose fewer fields or a lower limit, or go on with next_cursor.",
        }
      : {}),
    note: UNTRUSTED_NOTE,
  };
}

async function viewPage(
  services: ToolServices,
  items: readonly Contact[],
  fields: readonly ContactViewField[],
): Promise<QueryOutput["contacts"]> {
  const ids = items.map((contact) => contact.id);
  const links = fields.includes("hubspot_id")
    ? await services.store.links.byLocalIds("contacts", ids)
    : [];
  const ends = await recordEnds(services.store, "contacts", ids);
  return items.map((contact) => ({
    ...viewContact(contact, fields, hubspotIdOf(links, contact.id)),
    ...ends.get(contact.id),
  }));
}

function storeQuery(args: QueryInput, limit: number): ContactQuery {
  return {
    filter: args.filter ?? {},
    limit,
    ...(args.search === undefined ? {} : { search: args.search }),
    ...(args.sort === undefined ? {} : { sort: parseSort(args.sort) }),
    ...(args.cursor === undefined ? {} : { cursor: args.cursor }),
  };
}

// One argument for column and order, as in many web APIs: "-updated_at" is newest first.
function parseSort(word: string): { field: ContactSortField; descending: boolean } {
  const descending = word.startsWith("-");
  const name = descending ? word.slice(1) : word;
  const field = contactSortFields.find((each) => each === name);
  if (field) return { field, descending };
  throw badArgument(
    "sort",
    `"sort" must be one of: ${contactSortFields.join(", ")}; "-" before it for descending.`,
  );
}
