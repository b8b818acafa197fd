/** A field's story tells who set it, what HubSpot last held, and what the next sync does. */
import { describe, expect, test } from "vitest";
import type { Contact } from "../../mcp-server/src/core/contact.ts";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { fieldStories } from "../../mcp-server/src/core/field-story.ts";
import { contactRecord } from "../support/build.ts";

const { rules } = parseFieldMap(
  JSON.stringify({
    contacts: {
      first_name: {
        hubspot_property: "firstname",
        warp_field: "first_name",
        sync_direction: "BIDIRECTIONAL",
        conflict_resolution: "LATEST_WINS",
      },
      quality_score: {
        hubspot_property: "sync_quality_score",
        warp_field: "quality_score",
        type: "number",
        sync_direction: "WARP_TO_HUBSPOT",
      },
      phone: {
        hubspot_property: "phone",
        warp_field: "phone",
        type: "phone",
        sync_direction: "HUBSPOT_TO_WARP",
      },
    },
  }),
  "test map",
).contacts;

function contact(fields: Partial<Contact>): Contact {
  return contactRecord({
    email: "ada@example.com",
    imported_at: "2026-11-01T00:00:00.000Z",
    ...fields,
  });
}

function storyOf(
  field: string,
  fields: Partial<Contact>,
  base: Record<string, string | null> = {},
) {
  const stories = fieldStories(contact(fields), rules, base, ["first_name", "city"]);
  return stories.find((story) => story.field === field);
}

describe("fieldStories", () => {
  test("names the first import as source where nobody said otherwise", () => {
    expect(storyOf("first_name", { first_name: "Ada" })).toMatchObject({
      source: "csv",
      at: "2026-11-01T00:00:00.000Z",
      state: "never-synced",
    });
  });

  test("names the one who changed the field later", () => {
    const provenance = { first_name: { source: "hubspot", at: "2026-11-05T00:00:00.000Z" } };

    expect(storyOf("first_name", { first_name: "Ada", provenance })).toMatchObject({
      source: "hubspot",
      why: expect.stringContaining("Value from hubspot, of 2026-11-05"),
    });
  });

  test("does not say of what was worked out here that an import said it", () => {
    const enriched_at = "2026-11-03T00:00:00.000Z";

    expect(storyOf("quality_score", { quality_score: 70, enriched_at })).toMatchObject({
      source: "hubspot-sync",
      at: enriched_at,
    });
  });

  test.each([
    ["Ada", "Ada", "equal"],
    ["Ada", "Adah", "changed"],
    [null, "Ada", "changed"],
  ])("says of %j against %j: %s", (value, base, state) => {
    expect(storyOf("first_name", { first_name: value }, { first_name: base })?.state).toBe(state);
  });

  test("says that HubSpot owns a field that only flows from there", () => {
    const story = storyOf("phone", { phone: "+49301234567" }, { phone: "+49307654321" });

    expect(story?.why).toContain("takes HubSpot's value");
  });

  test("tells fields that the map leaves out, once, and leaves empty ones out", () => {
    const stories = fieldStories(contact({ city: "Kassel", first_name: "Ada" }), rules, {}, [
      "first_name",
      "city",
      "country",
    ]);

    expect(stories.map((story) => [story.field, story.state])).toEqual([
      ["first_name", "never-synced"],
      ["city", "local"],
    ]);
  });
});
