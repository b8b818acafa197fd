/** The report of a reconciliation as Markdown: what a person wants to know of it within a minute. */
import type { Cause } from "./reconcile.ts";
import type { ReconcileReport, ReportPart } from "./reconcile-report.ts";
import type { Group, ReconcileTally } from "./reconcile-tally.ts";
import { cleanText } from "./text.ts";

const causeWords: Readonly<Record<Cause, string>> = {
  changed_here: "changed here and was not sent",
  changed_in_hubspot: "changed in HubSpot and was missed",
  both_changed: "changed on both sides",
  never_agreed: "the two sides never agreed",
  blocked: "may not travel",
  company: "another company in HubSpot",
};

const repairWords: Readonly<Record<string, string>> = {
  updated: "sent to HubSpot",
  pulled: "taken over from HubSpot",
  linked: "joined to their HubSpot record",
  conflicts: "conflicts for a person (list-conflicts)",
  blocked: "with a value that may not travel (sync-health)",
  unchanged: "equal by the time they were read again",
  failed: "failed",
};

/** The report as a page. It names records by their ids alone, so that it can be passed on. */
export function reconcileMarkdown({ run_id, parts }: ReconcileReport): string {
  const lines = [`# Reconciliation ${plain(run_id)}`, ""];
  if (parts.length === 0) lines.push("Nothing was compared.", "");
  for (const part of parts) lines.push(...partLines(part));
  lines.push("Numbers in examples are local ids; after = stands the id in HubSpot.", "");
  return lines.join("\n");
}

function partLines(part: ReportPart): readonly string[] {
  const { findings } = part;
  return [
    `## ${part.object === "contacts" ? "Contacts" : "Customers"}`,
    "",
    ...summary(part),
    "",
    ...fieldTable(findings),
    ...repairList(part),
    ...elsewhere(findings),
    ...errorList(part),
  ];
}

function summary(part: ReportPart): readonly string[] {
  const { counts, findings, dry_run, started_at, finished_at } = part;
  const when = finished_at === null ? "not finished" : `finished ${finished_at}`;
  const how = dry_run ? " It only compared: nothing was repaired." : "";
  return [
    `Started ${started_at}, ${when}.${how}`,
    "",
    `HubSpot has ${findings.hubspot_records} record(s); ${findings.compared} of them have their counterpart here. ` +
      `Of these ${counts["equal"] ?? 0} are equal, ${findings.different} differed, and ${findings.waiting} wait for a person or a correction. ` +
      `${counts["repaired"] ?? 0} record(s) were repaired, ${counts["conflicts"] ?? 0} need a decision, ${counts["failed"] ?? 0} failed.`,
  ];
}

function fieldTable({ fields }: ReconcileTally): readonly string[] {
  if (fields.length === 0) return ["No field differs.", ""];
  const sorted = [...fields].sort((a, b) => b.count - a.count);
  return [
    "| Field | Why it differed | Records | Examples |",
    "|---|---|---:|---|",
    ...sorted.map(
      ({ field, cause, count, examples }) =>
        `| ${plain(field)} | ${causeWords[cause]} | ${count} | ${examples.map(plain).join(", ")} |`,
    ),
    "",
  ];
}

function repairList({ findings: { repairs }, dry_run }: ReportPart): readonly string[] {
  const done = Object.entries(repairs).filter(([, count]) => count > 0);
  if (dry_run || done.length === 0) return [];
  const lines = done.map(
    ([outcome, count]) => `- ${count} ${repairWords[outcome] ?? plain(outcome)}`,
  );
  return ["What became of the records that were looked at again:", "", ...lines, ""];
}

function elsewhere(findings: ReconcileTally): readonly string[] {
  const { merged, deleted, signalled, ended, agreed } = findings;
  const lines = [
    group(
      findings.gone,
      "linked here and gone from HubSpot's list",
      ` (${merged} merged there, ${deleted} deleted there)`,
    ),
    number(ended, "deleted in HubSpot earlier and dealt with"),
    group(findings.restored, "deleted in HubSpot earlier and there again"),
    group(findings.only_in_hubspot, "only in HubSpot", ` (${signalled} looked at as new ones)`),
    group(findings.only_here, "only here: never synced, or meant to stay"),
    group(findings.removed_here, "linked, and deleted here"),
    group(findings.joined, "without a link and with the key of a HubSpot record"),
    number(agreed, "equal, and noted as such only now"),
  ].filter((line) => line !== null);
  return lines.length === 0 ? [] : ["Elsewhere:", "", ...lines, ""];
}

function group({ count, examples }: Group, what: string, more = ""): string | null {
  return count === 0 ? null : `- ${count} ${what}${more}: ${examples.map(plain).join(", ")}`;
}

function number(count: number, what: string): string | null {
  return count === 0 ? null : `- ${count} ${what}`;
}

function errorList({ errors }: ReportPart): readonly string[] {
  if (errors.length === 0) return [];
  const lines = errors.map(
    ({ code, message, count, examples }) =>
      `- ${count} × ${plain(code)}: ${plain(message)} (${examples.map(plain).join(", ")})`,
  );
  return ["What could not be repaired:", "", ...lines, ""];
}

const MAX_TEXT = 300;

/** Text that stays text on the page: no line of its own, no markup, no table cell, no address that viewers make a link of. */
function plain(text: string): string {
  const clean = cleanText(text, MAX_TEXT) ?? "";
  const unmarked = clean.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return unmarked.replaceAll(/[\\`*[\]#!|~@:]/g, String.raw`\$&`);
}
