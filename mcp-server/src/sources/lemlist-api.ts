/** What Lemlist tells: campaigns, their leads, and who does not want to hear from anyone. */
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import { JsonElements } from "../core/json-elements.ts";
import type { LemlistClient } from "./lemlist-client.ts";

const PAGE = 100;
// A million entries; only there so that an answer that never ends does not keep us for ever.
const MAX_PAGES = 10_000;

const campaignSchema = z.object({
  _id: z.string(),
  name: z.string().catch(""),
  createdAt: z.string().catch(""),
});
export type LemlistCampaign = z.output<typeof campaignSchema>;

const leadSchema = z.record(z.string(), z.unknown());
/** A lead as exported: known and custom variables side by side, without nesting. */
export type LemlistLead = z.output<typeof leadSchema>;

const unsubscribeSchema = z.object({ _id: z.string(), value: z.string() });

/** All campaigns, newest first. */
export async function listCampaigns(
  client: LemlistClient,
  signal: AbortSignal,
): Promise<readonly LemlistCampaign[]> {
  const query = "version=v2&sortBy=createdAt&sortOrder=desc";
  const found = await readPages(client, `/campaigns?${query}`, { item: campaignSchema, signal });
  return found.toSorted(
    (a, b) => b.createdAt.localeCompare(a.createdAt) || (a._id < b._id ? 1 : -1),
  );
}

/** One campaign by id. Throws `not-found`. */
export async function getCampaign(
  client: LemlistClient,
  id: string,
  signal: AbortSignal,
): Promise<LemlistCampaign> {
  return client.get(
    `/campaigns/${encodeURIComponent(id)}`,
    async (response) => parsed(campaignSchema, await response.json()),
    signal,
  );
}

/** E-mails and domains that objected, lower-case; a domain stands without its `@`. */
export async function listUnsubscribes(
  client: LemlistClient,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const path = "/v2/unsubscribes/variables?";
  const found = await readPages(client, path, { item: unsubscribeSchema, signal });
  return new Set(found.map(({ value }) => value.trim().toLowerCase().replace(/^@/, "")));
}

/** All leads of a campaign in every state, by id ascending, so that the order is the same in every run. */
export async function exportLeads(
  client: LemlistClient,
  campaignId: string,
  signal: AbortSignal,
): Promise<readonly LemlistLead[]> {
  // Without `state=all` nothing may come back, and without `format` a CSV does.
  const path = `/campaigns/${encodeURIComponent(campaignId)}/export/leads?state=all&format=json`;
  const leads = await client.get(path, readLeads, signal);
  return leads.toSorted((a, b) => (leadId(a) < leadId(b) ? -1 : 1));
}

/** A lead's own id; "" when it has none. */
export function leadId(lead: LemlistLead): string {
  return typeof lead["_id"] === "string" ? lead["_id"] : "";
}

async function readLeads(response: Response): Promise<LemlistLead[]> {
  const elements = new JsonElements();
  const decoder = new TextDecoder();
  const leads: LemlistLead[] = [];
  const take = (texts: readonly string[]): void => {
    for (const text of texts) leads.push(parsed(leadSchema, JSON.parse(text)));
  };
  for await (const chunk of response.body ?? []) {
    take(elements.push(decoder.decode(chunk, { stream: true })));
  }
  take(elements.push(decoder.decode()));
  elements.end();
  return leads;
}

interface Pages<T> {
  readonly item: z.ZodType<T>;
  readonly signal: AbortSignal;
}

/** Lists come bare or in an object, and some servers ignore the offset: a page without anything new is the last. */
async function readPages<T extends { readonly _id: string }>(
  client: LemlistClient,
  path: string,
  { item, signal }: Pages<T>,
): Promise<readonly T[]> {
  const found = new Map<string, T>();
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const items = await client.get(
      `${path}&limit=${PAGE}&offset=${page * PAGE}`,
      async (response) => itemsOf(await response.json()).map((one) => parsed(item, one)),
      signal,
    );
    const before = found.size;
    for (const one of items) found.set(one._id, one);
    if (items.length < PAGE || found.size === before) return [...found.values()];
  }
  // Half a list of objections is none.
  throw new AppError("unavailable", "Lemlist's list does not end. Try again later.", {
    code: "LEMLIST_ENDLESS",
  });
}

const listSchema = z.union([
  z.array(z.unknown()),
  z.object({ campaigns: z.array(z.unknown()) }).transform((body) => body.campaigns),
  z.object({ data: z.array(z.unknown()) }).transform((body) => body.data),
  z.object({ results: z.array(z.unknown()) }).transform((body) => body.results),
]);

function itemsOf(body: unknown): readonly unknown[] {
  return parsed(listSchema, body);
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AppError(
    "unavailable",
    "Lemlist answered in a form that is not understood. Try again later.",
    {
      code: "LEMLIST_UNREADABLE",
      cause: result.error,
    },
  );
}
