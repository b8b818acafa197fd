/** The export of a campaign's leads: flat rows with custom variables as top-level keys, as CSV or JSON, streamed. */

import type { Lead } from "./team.ts";

const FIRST_COLUMNS = [
  "emailStatus",
  "email",
  "firstName",
  "lastName",
  "picture",
  "phone",
  "linkedinUrl",
  "timezone",
  "companyName",
  "companyDomain",
  "icebreaker",
  "jobTitle",
];
const LAST_COLUMNS = ["lastState", "status", "_id"];

// Large enough to be quick, small enough that a 20,000-lead answer leaves in many chunks.
const LEADS_PER_CHUNK = 250;

// Global states gather the detailed ones; a detailed state only matches itself.
const GLOBAL_STATES: Readonly<Record<string, readonly string[]>> = {
  contacted: ["emailsSent", "linkedinSent", "linkedinInviteDone"],
  hooked: ["emailsOpened", "linkedinOpened", "linkedinInviteAccepted"],
  attracted: ["emailsClicked"],
  warmed: ["emailsReplied", "linkedinReplied"],
  interested: [
    "emailsInterested",
    "linkedinInterested",
    "manualInterested",
    "apiInterested",
    "aircallInterested",
  ],
  notInterested: [
    "emailsNotInterested",
    "linkedinNotInterested",
    "manualNotInterested",
    "apiNotInterested",
    "aircallNotInterested",
  ],
  failed: [
    "emailsFailed",
    "linkedinVisitFailed",
    "linkedinInviteFailed",
    "linkedinSendFailed",
    "emailsBounced",
  ],
  meetingBooked: ["opportunitiesDone"],
};

/** The leads whose last state is one of a comma-separated list; `all` is every lead, nothing said is none. */
export function leadsInState(leads: readonly Lead[], state: string | undefined): readonly Lead[] {
  // The specification says that "all" is the default; leaving it out was observed to return nothing.
  if (state === undefined || state === "") return [];
  const wanted = state.split(",").map((name) => name.trim());
  if (wanted.includes("all")) return leads;
  const accepted = new Set(wanted.flatMap((name) => [name, ...(GLOBAL_STATES[name] ?? [])]));
  return leads.filter((lead) => accepted.has(lead.lastState) || accepted.has(lead.status));
}

/** One lead as the JSON export writes it: what is missing is absent, or an empty string where the lead says so. */
export function flatLead(lead: Lead): Record<string, string> {
  return {
    ...(lead.emailStatus === undefined ? {} : { emailStatus: lead.emailStatus }),
    ...lead.fields,
    lastState: lead.lastState,
    status: lead.status,
    _id: lead._id,
  };
}

/** The JSON array, one piece per chunk. */
export function* jsonChunks(leads: readonly Lead[]): Generator<string> {
  if (leads.length === 0) yield "[]";
  for (let at = 0; at < leads.length; at += LEADS_PER_CHUNK) {
    const slice = leads.slice(at, at + LEADS_PER_CHUNK);
    const rows = slice.map((lead) => JSON.stringify(flatLead(lead))).join(",");
    const isLast = at + LEADS_PER_CHUNK >= leads.length;
    yield `${at === 0 ? "[" : ","}${rows}${isLast ? "]" : ""}`;
  }
}

/** The CSV text, header first; custom variables stand between the standard columns. */
export function* csvChunks(leads: readonly Lead[]): Generator<string> {
  const columns = csvColumns(leads);
  yield columns.map(csvCell).join(",");
  for (let at = 0; at < leads.length; at += LEADS_PER_CHUNK) {
    const rows = leads.slice(at, at + LEADS_PER_CHUNK).map((lead) => csvRow(lead, columns));
    yield `\n${rows.join("\n")}`;
  }
}

function csvColumns(leads: readonly Lead[]): string[] {
  const fixed = new Set([...FIRST_COLUMNS, ...LAST_COLUMNS]);
  const custom = new Set<string>();
  for (const lead of leads) {
    for (const name of Object.keys(lead.fields)) if (!fixed.has(name)) custom.add(name);
  }
  return [...FIRST_COLUMNS, ...custom, ...LAST_COLUMNS];
}

function csvRow(lead: Lead, columns: readonly string[]): string {
  const flat = flatLead(lead);
  return columns.map((column) => csvCell(flat[column] ?? "")).join(",");
}

function csvCell(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** A response body that hands out the pieces one by one. */
export function streamText(chunks: Iterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      const next = chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
  });
}
