/** Forms of values at the edge: blanks, times, top-level domains. */
import { expect, test } from "vitest";
import { COMPANIES, CONTACTS, openPortal } from "./portal.ts";

const portal = await openPortal();

async function write(path: string, properties: Record<string, unknown>) {
  return await portal.post(path, { properties });
}

// HubSpot changelog, 2025-11: the announced whitespace validation of such values was cancelled.
test.each([
  [COMPANIES, "numberofemployees", " 12 ", "12"],
  [COMPANIES, "is_public", "true ", "true"],
  [COMPANIES, "type", " PARTNER", "PARTNER"],
  [CONTACTS, "closedate", " 2026-01-01 ", "2026-01-01T00:00:00Z"],
])("%s: blanks around %s are not refused outside text", async (...row) => {
  const [path, name, given, stored] = row;
  const base = path === CONTACTS ? { firstname: "Ada" } : { name: "Acme" };

  const { status, body } = await write(path, { ...base, [name]: given });

  expect(status).toBe(201);
  expect(body.properties[name]).toBe(stored);
});

test("blanks alone clear such a value", async () => {
  const id = await portal.company({ name: "Acme", numberofemployees: "12" });

  await portal.patch(`${COMPANIES}/${id}`, { properties: { numberofemployees: "  " } });

  expect(portal.hubspot.find("companies", id)?.properties["numberofemployees"]).toBeUndefined();
});

test("text keeps its blanks", async () => {
  const { body } = await write(CONTACTS, { firstname: " Ada " });

  expect(body.properties.firstname).toBe(" Ada ");
});

// HubSpot docs, properties guide: numbers without separators.
test.each(["1,000", "1.000,5", "1 000", "12 %", "NaN"])("%j is no number", async (given) => {
  const { status, body } = await write(COMPANIES, { name: "Acme", annualrevenue: given });

  expect(status).toBe(400);
  expect(body.errors[0].code).toBe("INVALID_INTEGER");
});

// HubSpot docs, properties guide: a time is ISO 8601 with its zone, or milliseconds.
test.each([
  ["0", "1970-01-01T00:00:00Z"],
  ["2026-01-01T12:00:00Z", "2026-01-01T12:00:00Z"],
  ["2026-01-01T12:00:00.250Z", "2026-01-01T12:00:00.250Z"],
  ["2026-01-01T12:00:00+02:00", "2026-01-01T10:00:00Z"],
])("the time %s is taken", async (given, stored) => {
  const { body } = await write(CONTACTS, { firstname: "Ada", closedate: given });

  expect(body.properties.closedate).toBe(stored);
});

test.each(["2026-01-01T12:00:00", "2026-13-01", "01/02/2026", "99999999999999999999"])(
  "the time %s is refused",
  async (given) => {
    const { status, body } = await write(CONTACTS, { firstname: "Ada", closedate: given });

    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({
      code: "INVALID_LONG",
      message: `${given} was not a valid long.`,
    });
  },
);

// Issue threads: an address under a top-level domain that does not exist is INVALID_EMAIL.
test.each(["ada@acme.foobar", "ada@acme.comm", "ada@acme.test", "ada@acme", "ada@acme.c"])(
  "%s is no e-mail",
  async (email) => {
    const { body } = await write(CONTACTS, { email });

    expect(body.errors).toMatchObject([
      { code: "INVALID_EMAIL", message: `Email address ${email} is invalid` },
    ]);
  },
);

test.each(["ada@acme.io", "ada@acme.co.uk", "ada@acme.photography", "ada@b\u00fccher.de"])(
  "%s is an e-mail",
  async (email) => {
    expect((await write(CONTACTS, { email })).status).toBe(201);
  },
);

test("a cleared e-mail takes its domain along", async () => {
  const id = await portal.contact({ email: "ada@acme.com", firstname: "Ada" });

  await portal.patch(`${CONTACTS}/${id}`, { properties: { email: "" } });

  const { body } = await portal.get(`${CONTACTS}/${id}?properties=email,hs_email_domain`);
  expect(body.properties).toMatchObject({ email: null, hs_email_domain: null });
});
