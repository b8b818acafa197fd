/** A contact's company where both sides moved, and on runs of one direction. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { significantFields } from "../../mcp-server/src/core/significant.ts";
import { ADA, type AssociationRig, atAcme, DOMAIN, globexIn } from "./associations-rig.ts";

let rig: AssociationRig;
afterEach(() => rig.close());

const GLOBEX = "globex.example.com";

describe("both sides moved", () => {
  beforeEach(async () => {
    rig = await atAcme();
  });

  test("HubSpot wins, and the local domain that gave way is in the log", async () => {
    const id = globexIn(rig);
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", id], { primary: true });
    await rig.edit(ADA, { domain: GLOBEX });

    await rig.sync();

    expect((await rig.one(ADA)).domain).toBe("globex.com");
    expect(rig.companiesOf(ADA)).toEqual(["*globex.com", DOMAIN]);
    expect((await rig.moves(ADA)).at(-1)).toMatchObject({ after: id, lost: GLOBEX });
  });

  test("to the same company: nothing is left to do but to end the association that we made", async () => {
    const id = globexIn(rig);
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", id], { primary: true });
    await rig.edit(ADA, { domain: "globex.com" });

    await rig.sync();

    expect(rig.companiesOf(ADA)).toEqual(["*globex.com"]);
    expect((await rig.one(ADA)).domain).toBe("globex.com");
    expect((await rig.sync({ emails: [ADA] })).counts).toEqual({ unchanged: 1 });
  });
});

describe("runs of one direction", () => {
  beforeEach(async () => {
    rig = await atAcme();
  });

  test("a pull takes HubSpot's company over and associates nobody", async () => {
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globexIn(rig)], { primary: true });

    await rig.sync({ direction: "pull", emails: [ADA] });

    expect(await rig.one(ADA)).toMatchObject({ domain: "globex.com", company: "Globex" });
    expect(rig.writes()).toEqual([]);
    await rig.edit(ADA, { domain: DOMAIN });
    await rig.sync({ direction: "pull", emails: [ADA] });
    expect(rig.writes()).toEqual([]);
  });

  test("a push leaves the local company as it is, for a later run to follow", async () => {
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globexIn(rig)], { primary: true });

    await rig.sync({ direction: "push", emails: [ADA] });
    expect((await rig.one(ADA)).domain).toBe(DOMAIN);
    await rig.sync({ emails: [ADA] });

    expect((await rig.one(ADA)).domain).toBe("globex.com");
  });

  test("where nothing is sent by itself, HubSpot's company arrives and its name waits", async () => {
    await rig.close();
    rig = await atAcme({ live: { sendsByItself: false } });
    rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globexIn(rig)], { primary: true });

    await rig.settle();

    expect(await rig.one(ADA)).toMatchObject({ domain: "globex.com", company: "Globex" });
    expect(rig.writes()).toEqual([]);
    rig.forget();
    await rig.settle();
    expect(rig.requests()).toEqual([]);
    await rig.sync();
    expect(rig.remote(ADA)).toMatchObject({ company: "Globex" });
  });
});

test("a company that HubSpot gave sends the contact through enrichment again, where that is significant", async () => {
  rig = await atAcme({ live: { significant: significantFields("domain") } });
  let heard = 0;
  rig.events.on("contacts-imported", () => {
    heard += 1;
  });
  rig.hubspot.associateAsUser(["contacts", ADA], ["companies", globexIn(rig)], { primary: true });

  await rig.settle();

  expect(await rig.one(ADA)).toMatchObject({ domain: "globex.com", status: "imported" });
  expect(heard).toBe(1);
});
