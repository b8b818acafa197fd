/** What the demo looks up on the other side to test its own claims: files and the simulator's insides. */
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import type { Simulator } from "../simulator/simulator.ts";

/** Data rows of a CSV file, counted without the importer. */
export function rowsOf(path: string): number {
  return parse(readFileSync(path), { bom: true, relax_column_count: true }).length - 1;
}

/** Records of a kind that HubSpot holds now. */
export function recordsIn(simulator: Simulator, type: "contacts" | "companies" | "notes"): number {
  return simulator.hubspot.all(type).length;
}

/** Requests HubSpot received since the log was last cleared. */
export function requestsTo(simulator: Simulator): number {
  return simulator.requests.list({ service: "hubspot" }).length;
}

/** Requests to HubSpot that set a property, since the log was last cleared. */
export function writesTo(simulator: Simulator): number {
  return simulator.requests.list({ service: "hubspot" }).filter(({ properties }) => properties)
    .length;
}

/** Requests of any kind that were refused for coming too fast. */
export function refusedForSpeed(simulator: Simulator): number {
  return simulator.requests.list({}).filter((request) => request.status === 429).length;
}

/** E-mail addresses, primary or secondary, that more than one HubSpot contact holds. */
export function sharedEmails(simulator: Simulator): readonly string[] {
  const all = simulator.hubspot
    .all("contacts")
    .flatMap(({ properties }) => [
      properties["email"] ?? "",
      ...(properties["hs_additional_emails"]?.split(";") ?? []),
    ]);
  return repeated(all);
}

/** Domains that more than one HubSpot company holds. */
export function sharedDomains(simulator: Simulator): readonly string[] {
  return repeated(
    simulator.hubspot.all("companies").map(({ properties }) => properties["domain"] ?? ""),
  );
}

/** Contacts that carry more than one of our notes. */
export function contactsNotedTwice(simulator: Simulator): number {
  const ours = simulator.hubspot
    .all("contacts")
    .map(({ id }) => simulator.hubspot.associations("contacts", id, "notes").length);
  return ours.filter((notes) => notes > 1).length;
}

/** HubSpot contacts that carry a generated summary but are associated with no company, although their domain has one. */
export function unassociated(simulator: Simulator): number {
  const domains = new Set(
    simulator.hubspot.all("companies").map(({ properties }) => properties["domain"]),
  );
  return simulator.hubspot.all("contacts").filter(({ id, properties }) => {
    const domain = properties["email"]?.split("@")[1];
    const enriched = properties["sync_quality_score"] !== undefined;
    return (
      enriched &&
      domains.has(domain) &&
      simulator.hubspot.associations("contacts", id, "companies").length === 0
    );
  }).length;
}

function repeated(values: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return values.filter((value) => value !== "" && (seen.has(value) || !seen.add(value)));
}
