/** Lemlist leads to import rows: known variables by their names, custom ones kept, objections to outreach respected. */
import { type Column, planColumns } from "../core/column-names.ts";
import type { ContactFields } from "../core/contact.ts";
import { emailDomain } from "../core/email.ts";
import { describeColumns } from "../core/header-names.ts";
import type { ImportRow } from "../core/import-row.ts";
import { createRowNormaliser, type NormaliseRow } from "../core/normalise-record.ts";
import { SeenKeys } from "../core/seen-keys.ts";
import { type LemlistCampaign, type LemlistLead, leadId } from "./lemlist-api.ts";

const CAMPAIGN_COLUMN = "Lemlist campaign";

// What every export has (Lemlist docs, export leads; read 2026-11), in the order in which values are preferred.
const KNOWN = [
  "email",
  "firstName",
  "lastName",
  "companyName",
  "companyDomain",
  "jobTitle",
  "phone",
  "linkedinUrl",
  "emailStatus",
  "lastState",
  "status",
];
const COLUMN_MAP = { lastState: "engagement_state", status: "engagement_state" };
// Lemlist's own handle and a picture's address: nothing that a contact is known by.
const LEFT_OUT: ReadonlySet<string> = new Set(["_id", "picture"]);

/** Takes campaigns in order, newest first: a person's lead in the newest one counts, older ones fill gaps. */
export class LemlistRows {
  readonly #unsubscribed: ReadonlySet<string>;
  readonly #seen = new SeenKeys();
  readonly #unknown: string[] = [];
  #row = 0;

  constructor(unsubscribed: ReadonlySet<string>) {
    this.#unsubscribed = unsubscribed;
  }

  /** What was mapped, and the custom variables met so far: the list grows while campaigns are read. */
  get header(): {
    readonly mapped: Readonly<Record<string, string>>;
    readonly unknown: readonly string[];
  } {
    const { mapped } = describeColumns(planColumns(KNOWN, COLUMN_MAP));
    return { mapped, unknown: this.#unknown };
  }

  /** The rows of one campaign's leads, in their order. */
  campaign(campaign: LemlistCampaign, leads: readonly LemlistLead[]): readonly LemlistRow[] {
    const custom = new Set(leads.flatMap((lead) => Object.keys(lead)));
    for (const name of [...KNOWN, ...LEFT_OUT]) custom.delete(name);
    const keys = [...KNOWN, ...custom];
    const columns = planColumns([...keys, CAMPAIGN_COLUMN], COLUMN_MAP);
    this.#note(columns);
    const normalise = createRowNormaliser(columns);
    return leads.map((lead) => {
      const cells = [...keys.map((key) => toText(lead[key])), campaign.name];
      return { leadId: leadId(lead), row: this.#toRow(lead, cells, normalise) };
    });
  }

  #note(columns: readonly Column[]): void {
    for (const name of describeColumns(columns).unknown) {
      if (!this.#unknown.includes(name)) this.#unknown.push(name);
    }
  }

  #toRow(lead: LemlistLead, cells: readonly string[], normalise: NormaliseRow): ImportRow {
    this.#row += 1;
    const row = this.#row;
    const normalised = normalise(cells);
    if (normalised.kind === "rejected") {
      const raw = Object.fromEntries(
        Object.entries(lead).map(([key, value]) => [key, toText(value)]),
      );
      return { kind: "rejected", row, raw, rejection: normalised.rejection };
    }
    const { email } = normalised.fields;
    const unsubscribed = this.#objects(lead, email);
    const fields: ContactFields = { ...normalised.fields, unsubscribed };
    return { ...normalised, fields, row, duplicate: !this.#seen.add(email) };
  }

  #objects(lead: LemlistLead, email: string): boolean {
    return (
      lead["status"] === "unsubscribed" ||
      lead["lastState"] === "emailsUnsubscribed" ||
      this.#unsubscribed.has(email) ||
      this.#unsubscribed.has(emailDomain(email))
    );
  }
}

/** A row and the lead that it was read from, by which a later run finds its place again. */
export interface LemlistRow {
  readonly leadId: string;
  readonly row: ImportRow;
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
