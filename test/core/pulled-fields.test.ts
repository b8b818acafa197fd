import { describe, expect, test } from "vitest";
import type { Contact } from "../../mcp-server/src/core/contact.ts";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { pulledPatch } from "../../mcp-server/src/core/mapped-record.ts";
import { contactSide } from "../../mcp-server/src/core/sync-contact.ts";
import { planSides } from "../../mcp-server/src/core/sync-record.ts";
import { contactRecord } from "../support/build.ts";

const NOW = "2026-06-01T08:00:00.000Z";

function mapOf(contacts: Readonly<Record<string, Readonly<Record<string, unknown>>>>) {
  return parseFieldMap(JSON.stringify({ contacts }), "map.json").contacts;
}

function contact(given: Partial<Contact> = {}): Contact {
  return contactRecord({
    email: "ada@acme-robotics.com",
    status: "synced",
    imported_at: NOW,
    ...given,
  });
}

/** What pulling HubSpot's values by a map changes in a contact. */
function pulled(
  map: ReturnType<typeof mapOf>,
  local: Contact,
  remote: Readonly<Record<string, string | null>>,
) {
  const side = contactSide(map, { contact: local, company: null }, []);
  const sides = { ...side, hubspotId: "7", remote, base: {}, remoteAt: {} };
  const plan = planSides(map.rules, sides, "both");
  const pulls = plan.fields.flatMap(({ rule }) => {
    const value = plan.pull[rule.field];
    return value === undefined ? [] : [{ rule, value }];
  });
  return pulledPatch(local, pulls, { now: NOW, source: "hubspot" });
}

const twoWay = { sync_direction: "BIDIRECTIONAL", conflict_resolution: "HUBSPOT_WINS" } as const;

describe("a value pulled from HubSpot", () => {
  test("reaches the column that the map names, whatever the field is called", () => {
    const map = mapOf({
      position: { hubspot_property: "jobtitle", warp_field: "job_title", ...twoWay },
    });

    expect(pulled(map, contact(), { jobtitle: "CTO" })).toEqual({
      job_title: "CTO",
      provenance: { job_title: { source: "hubspot", at: NOW } },
    });
  });

  test("reaches a custom field and leaves the others alone", () => {
    const map = mapOf({
      segment: {
        hubspot_property: "segment",
        warp_field: "custom",
        warp_field_path: "custom->>'Segment'",
        sync_direction: "HUBSPOT_TO_WARP",
      },
    });

    expect(pulled(map, contact({ custom: { Shoe: "42" } }), { segment: "A" })).toEqual({
      custom: { Shoe: "42", Segment: "A" },
      provenance: { "custom.Segment": { source: "hubspot", at: NOW } },
    });
    expect(pulled(map, contact(), { segment: "A" })).toMatchObject({ custom: { Segment: "A" } });
  });
});

test.each([
  ["engagement_state", undefined],
  ["intelligence", "intelligence->>'summary'"],
  ["status", undefined],
  ["custom", undefined],
])("refuses a map that would pull into %s, where nothing can be stored", (column, path) => {
  const mapping = {
    hubspot_property: "some_property",
    warp_field: column,
    ...(path ? { warp_field_path: path } : {}),
    ...twoWay,
  };

  expect(() => mapOf({ mine: mapping })).toThrow(/contacts\.mine: .*WARP_TO_HUBSPOT/);
});
