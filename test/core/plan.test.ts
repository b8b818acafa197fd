import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { acknowledgedBase, planRecord, type RecordView } from "../../mcp-server/src/core/plan.ts";

const shipped = parseFieldMap(
  readFileSync("data/field-map.json", "utf8"),
  "data/field-map.json",
).contacts;

function view(given: Partial<RecordView>): RecordView {
  return { local: {}, remote: null, base: {}, localAt: () => null, remoteAt: null, ...given };
}

describe("planning a contact by the shipped map", () => {
  test("pushes every known field of a contact that HubSpot does not have", () => {
    const local = { email: "ada@acme.com", first_name: "Ada", last_name: null, country: "DE" };

    const plan = planRecord(shipped.rules, view({ local }), "both");

    expect(plan.push).toEqual({ email: "ada@acme.com", firstname: "Ada", country: "Germany" });
    expect(plan.pull).toEqual({});
  });

  test("fills each side with what only the other one knows at the first link", () => {
    const local = { email: "ada@acme.com", first_name: "Ada", job_title: null };
    const remote = { email: "ada@acme.com", firstname: null, jobtitle: "CTO" };

    const plan = planRecord(shipped.rules, view({ local, remote }), "both");

    expect(plan.push).toEqual({ firstname: "Ada" });
    expect(plan.pull).toEqual({ job_title: "CTO" });
    expect(plan.base).toEqual({ email: "ada@acme.com" });
  });

  test("asks for HubSpot's times only for fields that both sides moved", () => {
    const local = { email: "ada@acme.com", first_name: "Ada", job_title: "CEO" };
    const remote = { email: "ada@acme.com", firstname: "Ada", jobtitle: "CTO" };

    const plan = planRecord(shipped.rules, view({ local, remote }), "both");

    expect(plan.needsTimes).toEqual(["jobtitle"]);
  });

  test("finds nothing to do once HubSpot has answered the push", () => {
    const local = { email: "ada@acme.com", first_name: "Ada", phone: "+4930901820", country: "DE" };
    const plan = planRecord(shipped.rules, view({ local }), "both");
    const returned = { ...plan.push, lastmodifieddate: "2026-01-01T00:00:00.000Z" };

    const base = acknowledgedBase(plan, returned);
    const again = planRecord(shipped.rules, view({ local, remote: returned, base }), "both");

    expect(base).toEqual({
      email: "ada@acme.com",
      first_name: "Ada",
      phone: "+4930901820",
      country: "DE",
    });
    expect(again.fields).toEqual([]);
  });

  test("lets nothing travel against the direction of the run", () => {
    const local = { email: "ada@acme.com", first_name: "Ada", job_title: null };
    const remote = { email: "ada@acme.com", firstname: null, jobtitle: "CTO" };

    expect(planRecord(shipped.rules, view({ local, remote }), "push").pull).toEqual({});
    expect(planRecord(shipped.rules, view({ local, remote }), "pull").push).toEqual({});
  });
});

test("names every mistake of a field map at once, with its field", () => {
  const broken = JSON.stringify({
    contacts: {
      email: { hubspot_property: "email", warp_field: "email", sync_direction: "BIDIRECTIONAL" },
      mail: {
        hubspot_property: "email",
        warp_field: "email",
        sync_direction: "WARP_TO_HUBSPOT",
      },
    },
  });

  const parse = () => parseFieldMap(broken, "map.json");

  expect(parse).toThrow(AppError);
  expect(parse).toThrow(
    /contacts\.email: .*conflict_resolution[\s\S]*contacts\.mail: email is already mapped by email/,
  );
});

test("refuses a field that no contact has, and says how to read a column of one's own", () => {
  const map = JSON.stringify({
    contacts: {
      fav: {
        hubspot_property: "sync_fav",
        warp_field: "fav",
        sync_direction: "WARP_TO_HUBSPOT",
        create_property: { label: "Favourite", type: "string", field_type: "text" },
      },
    },
  });

  expect(() => parseFieldMap(map, "map.json")).toThrow(/contacts have no fav.*custom->>'fav'/);
});
