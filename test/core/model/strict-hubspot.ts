/** What HubSpot does with a value that it is sent, as strictly as its documentation says, for the model of the planner. */
import assert from "node:assert/strict";
import type { FieldRule } from "../../../mcp-server/src/core/field-map.ts";

/**
 * The text that HubSpot stores, and answers from then on. It trims and lowercases e-mail addresses, writes dates and times in its own way, and
 * refuses what is no value of the property's type (HubSpot docs, properties guide, read 2026-11). "" empties a property.
 *
 * @throws AssertionError when HubSpot would refuse the value: the planner must have blocked it
 */
export function stored(rule: FieldRule, sent: string): string | null {
  if (sent === "") return null;
  if (rule.enumValues) return option(rule, rule.enumValues, sent);
  switch (rule.type) {
    case "number":
      return demand(sent, /^-?\d+(\.\d+)?$/);
    case "boolean":
      return demand(sent, /^(true|false)$/);
    case "date":
      return new Date(demand(sent, /^\d{4}-\d{2}-\d{2}$/)).toISOString().slice(0, 10);
    case "datetime":
      return new Date(Number(demand(sent, /^-?\d+$/))).toISOString();
    case "email":
      return sent.trim().toLowerCase();
    case "text":
      // Not documented, but the reason why the base is what HubSpot returns: some text comes back in another form.
      return sent.trim().replaceAll(/ +/g, " ");
    default:
      return sent.trim();
  }
}

function option(rule: FieldRule, options: readonly string[], sent: string): string {
  const chosen = rule.type === "set" ? sent.split(";") : [sent];
  for (const one of chosen) assert.ok(options.includes(one), `HubSpot has no option ${one}`);
  return sent;
}

function demand(sent: string, form: RegExp): string {
  assert.match(sent, form, "HubSpot refuses the value");
  return sent;
}
