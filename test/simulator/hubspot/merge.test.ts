/** Merging: a new id, old ids that resolve to it, values and associations moved. */
import { expect, test } from "vitest";
import { CONTACTS, openPortal } from "./portal.ts";

const portal = await openPortal();

async function merged(primary: string, other: string) {
  const { status, body } = await portal.post(`${CONTACTS}/merge`, {
    primaryObjectId: primary,
    objectIdToMerge: other,
  });
  expect(status).toBe(200);
  return body;
}

test("mints a new id and lists the merged ones", async () => {
  const a = await portal.contact({ email: "a@example.com", city: "London" });
  const b = await portal.contact({ email: "b@example.com", city: "Oslo", phone: "1" });

  const body = await merged(a, b);

  // HubSpot docs on merging: the record gets a new id; the other e-mail becomes a secondary one.
  expect([a, b]).not.toContain(body.id);
  expect(body.properties).toMatchObject({
    email: "a@example.com",
    hs_additional_emails: "b@example.com",
    hs_merged_object_ids: `${a};${b}`,
    city: "London",
    phone: "1",
  });
  expect(portal.hubspot.counts()["contacts"]).toBe(1);
});

test("old ids answer with the survivor, through several merges", async () => {
  const a = await portal.contact({ email: "a@example.com" });
  const b = await portal.contact({ email: "b@example.com" });
  const c = await portal.contact({ email: "c@example.com" });
  const first = await merged(a, b);
  const second = await merged(c, first.id);

  for (const id of [a, b, c, first.id])
    expect((await portal.get(`${CONTACTS}/${id}`)).body.id).toBe(second.id);
  expect(second.properties.hs_merged_object_ids.split(";").sort()).toEqual(
    [a, b, c, first.id].sort(),
  );
});

test("every e-mail of both still finds the record", async () => {
  const a = await portal.contact({ email: "a@example.com" });
  const b = await portal.contact({ email: "b@example.com" });
  const { id } = await merged(a, b);

  const create = await portal.post(CONTACTS, { properties: { email: "b@example.com" } });

  expect(create.body.message).toBe(`Contact already exists. Existing ID: ${id}`);
});

test("associations move along, the primary company stays the primary record's", async () => {
  const a = await portal.contact({ email: "a@example.com" });
  const b = await portal.contact({ email: "b@example.com" });
  const acme = await portal.company({ domain: "acme.com" });
  const other = await portal.company({ domain: "other.com" });
  portal.hubspot.associate(["contacts", a], ["companies", acme], [1]);
  portal.hubspot.associate(["contacts", b], ["companies", other], [1]);

  const { id } = await merged(a, b);

  const links = portal.hubspot.associations("contacts", id, "companies");
  expect(links).toHaveLength(2);
  expect(links).toContainEqual({ id: acme, typeIds: [1, 279] });
  expect(links).toContainEqual({ id: other, typeIds: [279] });
});

test("a missing record is 404 and a missing field 400", async () => {
  const a = await portal.contact({ email: "a@example.com" });

  const missing = await portal.post(`${CONTACTS}/merge`, {
    primaryObjectId: a,
    objectIdToMerge: "7",
  });
  const partial = await portal.post(`${CONTACTS}/merge`, { primaryObjectId: a });

  expect(missing.status).toBe(404);
  expect(partial.status).toBe(400);
});

test("search shows the survivor only after the lag, and the merged ones no more", async () => {
  const [a = "", b = ""] = portal.hubspot.seedContacts([
    { email: "a@example.com" },
    { email: "b@example.com" },
  ]);
  const { id } = await merged(a, b);
  const found = async () => {
    const { body } = await portal.post(`${CONTACTS}/search`, {});
    return body.results.map((row: { id: string }) => row.id);
  };

  expect(await found()).toEqual([]);
  portal.advance(3_000);
  expect(await found()).toEqual([id]);
});

test("associations can still be read by an old id", async () => {
  const a = await portal.contact({ email: "a@example.com" });
  const b = await portal.contact({ email: "b@example.com" });
  const acme = await portal.company({ domain: "acme.com" });
  portal.hubspot.associate(["contacts", a], ["companies", acme]);
  await merged(a, b);

  const { body } = await portal.post("/crm/v4/associations/contacts/companies/batch/read", {
    inputs: [{ id: a }],
  });

  expect(body.results).toMatchObject([{ from: { id: a }, to: [{ toObjectId: Number(acme) }] }]);
});

test("the 251st identity is refused with 414", async () => {
  const ids = portal.hubspot.seedContacts(
    Array.from({ length: 251 }, (_, index) => ({ email: `c${index}@example.com` })),
  );
  const [first = "", last = ""] = [ids[0], ids.at(-1)];
  let survivor = first;
  for (const id of ids.slice(1, -1))
    survivor = portal.hubspot.mergeAsUser("contacts", survivor, id);

  const { status, body } = await portal.post(`${CONTACTS}/merge`, {
    primaryObjectId: survivor,
    objectIdToMerge: last,
  });

  // HubSpot docs, error handling, read 2026-04.
  expect(status).toBe(414);
  expect(body.message).toBe("Cannot have more than 250 identities on a profile");
});
