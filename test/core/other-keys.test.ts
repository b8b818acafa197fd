import { describe, expect, test } from "vitest";
import { addressesOf, otherKeys, otherKeysEntry } from "../../mcp-server/src/core/other-keys.ts";
import { stoneId, withFurtherKeys } from "../../mcp-server/src/core/tombstone.ts";
import { mergedAway } from "../../mcp-server/src/core/webhook-event.ts";

describe("the further addresses of a contact", () => {
  test("are HubSpot's secondary ones, kept lower-case", () => {
    const properties = { email: "Ada@x.com", hs_additional_emails: "A@x.com; b@X.com" };

    const entry = otherKeysEntry({}, "ada@x.com", properties);

    expect(otherKeys(entry)).toEqual(["a@x.com", "b@x.com"]);
    expect(addressesOf(properties)).toEqual(["ada@x.com", "a@x.com", "b@x.com"]);
  });

  test("include the primary one where the local address is a secondary one", () => {
    const entry = otherKeysEntry({}, "a@x.com", {
      email: "ada@x.com",
      hs_additional_emails: "a@x.com",
    });

    expect(otherKeys(entry)).toEqual(["ada@x.com"]);
  });

  test("do not include an old primary one that an edit here is about to replace", () => {
    expect(
      otherKeysEntry({}, "new@x.com", { email: "ada@x.com", hs_additional_emails: null }),
    ).toEqual({});
  });

  test("are written once, stay when HubSpot does not say, and go when it has none", () => {
    const base = otherKeysEntry({}, "ada@x.com", {
      email: "ada@x.com",
      hs_additional_emails: "a@x.com",
    });

    expect(otherKeysEntry(base, "ada@x.com", { hs_additional_emails: "a@x.com" })).toEqual({});
    expect(otherKeysEntry(base, "ada@x.com", { email: "ada@x.com" })).toEqual({});
    const gone = otherKeysEntry(base, "ada@x.com", {
      email: "ada@x.com",
      hs_additional_emails: "",
    });
    expect(otherKeys({ ...base, ...gone })).toEqual([]);
  });
});

test("tombstones of further keys are found by the record's id", () => {
  const ids = withFurtherKeys(["7", "8/2"]);

  expect(ids).toContain(stoneId("7", 0));
  expect(ids).toContain(stoneId("7", 3));
  expect(ids.filter((id) => id.startsWith("8"))).toEqual(["8/2"]);
});

describe("what was merged away", () => {
  const merge = (primary: number, merged: number, survivor?: number) =>
    JSON.stringify({
      subscriptionType: "contact.merge",
      objectId: primary,
      primaryObjectId: primary,
      mergedObjectIds: [merged],
      ...(survivor === undefined ? {} : { newObjectId: survivor }),
    });

  test("is followed from the record that lives on, one merge after the other, in any order", () => {
    expect(mergedAway([merge(3, 4, 5), merge(1, 2, 3)], ["5"]).toSorted()).toEqual([
      "1",
      "2",
      "3",
      "4",
    ]);
  });

  test("is nothing of records that were merged elsewhere, and a broken payload says nothing", () => {
    expect(mergedAway([merge(1, 2, 3), "{", "null"], ["1"])).toEqual([]);
  });

  test("is found, too, where the primary record keeps its id", () => {
    expect(mergedAway([merge(1, 2)], ["1"])).toEqual(["2"]);
  });
});
