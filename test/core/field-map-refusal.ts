/** Fields of a map that are in order, to make mistakes in, and what the loader says of a file with mistakes. */
import { expect } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";

export const ban = {
  hubspot_property: "warp_ban",
  warp_field: "ban",
  sync_direction: "WARP_TO_HUBSPOT",
};
export const tier = {
  hubspot_property: "warp_tier",
  warp_field: "tier",
  sync_direction: "HUBSPOT_TO_WARP",
};
export const email = {
  hubspot_property: "warp_mail",
  warp_field: "contact",
  warp_field_path: "contact->>'email'",
  sync_direction: "BIDIRECTIONAL",
  conflict_resolution: "LATEST_WINS",
};
export const segment = {
  hubspot_property: "segment",
  warp_field: "custom",
  warp_field_path: "custom->>'Segment'",
  sync_direction: "HUBSPOT_TO_WARP",
};

/** The lines that refuse a file; the test fails when it is taken. */
export function refusal(text: string): readonly string[] {
  try {
    parseFieldMap(text, "map.json");
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    const { kind, code, message } = error as AppError;
    expect([kind, code]).toEqual(["input", "INVALID_FIELD_MAP"]);
    return message
      .split("\n")
      .slice(1)
      .map((line) => line.replace(/^- /, ""));
  }
  throw new Error("the map was taken");
}

/** The lines that refuse a file of this content. */
export const refusalOf = (file: unknown) => refusal(JSON.stringify(file));

/** The one mistake of a customer field beside a good key. */
export function mistake(field: Readonly<Record<string, unknown>>): string {
  const lines = refusalOf({ customers: { ban, mine: field } });
  expect(lines).toHaveLength(1);
  return lines[0] ?? "";
}
