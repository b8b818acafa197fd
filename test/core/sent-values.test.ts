import { describe, expect, test } from "vitest";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { acknowledgedBase, planRecord, type RecordView } from "../../mcp-server/src/core/plan.ts";

function rulesOf(contacts: Readonly<Record<string, Readonly<Record<string, unknown>>>>) {
  return parseFieldMap(JSON.stringify({ contacts }), "map.json").contacts.rules;
}

function view(given: Partial<RecordView>): RecordView {
  return { local: {}, remote: null, base: {}, localAt: () => null, remoteAt: {}, ...given };
}

describe.each(["BIDIRECTIONAL", "WARP_TO_HUBSPOT"])(
  "a %s value that HubSpot stores in another form",
  (sync_direction) => {
    const rules = rulesOf({
      city: {
        hubspot_property: "city",
        warp_field: "city",
        sync_direction,
        conflict_resolution: "WARP_WINS",
      },
    });
    const local = { city: "Bonn  am Rhein" };
    const stored = { city: "Bonn am Rhein" };
    const sent = planRecord(rules, view({ local }), "both");
    const base = acknowledgedBase(sent, stored);

    test("is sent once, not with every look", () => {
      expect(sent.push).toEqual({ city: "Bonn  am Rhein" });
      const again = planRecord(rules, view({ local, remote: stored, base }), "both");
      expect(again.fields).toEqual([]);
      expect(again.base).toEqual({});
    });

    test("is sent again once it is edited here", () => {
      const edited = { city: "Köln" };
      const plan = planRecord(rules, view({ local: edited, remote: stored, base }), "both");
      expect(plan.push).toEqual({ city: "Köln" });
      const after = { ...base, ...acknowledgedBase(plan, { city: "Köln" }) };
      expect(
        planRecord(rules, view({ local: edited, remote: { city: "Köln" }, base: after }), "both")
          .fields,
      ).toEqual([]);
      // Back to the old spelling is an edit as well.
      const back = planRecord(
        rules,
        view({ local, remote: { city: "Köln" }, base: after }),
        "both",
      );
      expect(back.push).toEqual({ city: "Bonn  am Rhein" });
    });

    test("gives way to an edit in HubSpot as its direction says", () => {
      const remote = { city: "Mainz" };
      const plan = planRecord(rules, view({ local, remote, base }), "both");
      if (sync_direction === "BIDIRECTIONAL") expect(plan.pull).toEqual({ city: "Mainz" });
      else expect(plan.push).toEqual({ city: "Bonn  am Rhein" });
    });
  },
);

describe("a web address", () => {
  const rules = rulesOf({
    website: {
      hubspot_property: "website",
      warp_field: "website",
      sync_direction: "BIDIRECTIONAL",
      conflict_resolution: "LATEST_WINS",
      type: "url",
    },
  });

  test("travels as it is written, with its scheme and www", () => {
    const website = "https://www.Acme.com/Team/";
    expect(planRecord(rules, view({ local: { website } }), "both").push).toEqual({ website });
    const local = { website: null };
    expect(planRecord(rules, view({ local, remote: { website } }), "both").pull).toEqual({
      website,
    });
  });

  test("is the same with and without them", () => {
    const local = { website: "acme.com" };
    const remote = { website: "https://www.acme.com/" };
    expect(planRecord(rules, view({ local, remote }), "both").fields).toEqual([]);
  });
});
