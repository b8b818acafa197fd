/** Reconciliation: both sides compared whole, each cause told apart, what may be repaired repaired, the rest reported. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { causesOf, contactsOf, type ReconcileScene, reconcileScene } from "./reconcile-scene.ts";
import { mapsWith } from "./sync-scene.ts";

let scene: ReconcileScene;
const open = async (options: Parameters<typeof reconcileScene>[0] = {}): Promise<void> => {
  scene = await reconcileScene(options);
};
afterEach(() => scene.close());

describe("a reconciliation of contacts", () => {
  beforeEach(async () => {
    await open();
  });

  test("finds nothing where both sides agree, for one request per hundred records", async () => {
    await scene.synced("ada@example.com", "bob@example.com");

    const job = await scene.reconcile();

    expect(contactsOf(job)).toMatchObject({
      dry_run: false,
      finished_at: expect.any(String),
      counts: { hubspot_records: 2, compared: 2, equal: 2, different: 0, list_requests: 1 },
    });
    expect(scene.requests()).toEqual([expect.stringMatching(/^GET .*\/contacts$/)]);
  });

  test("sends what changed here and left no signal", async () => {
    const [id = 0] = await scene.synced("ada@example.com", "bob@example.com");
    scene.editUnseen(id, "city", "Berlin");

    const part = contactsOf(await scene.reconcile());

    expect(causesOf(part)).toEqual(["city: changed_here 1"]);
    expect(part.counts).toMatchObject({ equal: 1, different: 1, repaired: 1 });
    expect(scene.remote("ada@example.com")["city"]).toBe("Berlin");
  });

  test("takes over what changed in HubSpot and was missed", async () => {
    await scene.synced("ada@example.com");
    scene.editContact("ada@example.com", { city: "Köln" });

    const part = contactsOf(await scene.reconcile());

    expect(causesOf(part)).toEqual(["city: changed_in_hubspot 1"]);
    expect(part.findings.repairs).toMatchObject({ pulled: 1 });
    expect((await scene.one("ada@example.com")).city).toBe("Köln");
  });

  test("of pulls alone takes HubSpot's changes over and leaves ours to a sync that sends", async () => {
    const [id = 0] = await scene.synced("ada@example.com", "bob@example.com");
    scene.editUnseen(id, "city", "Berlin");
    scene.editContact("bob@example.com", { city: "Köln" });

    await scene.reconcile({ direction: "pull" });

    expect((await scene.one("bob@example.com")).city).toBe("Köln");
    expect(scene.writes()).toEqual([]);
    await scene.sync({ object: "contacts" });
    expect(scene.remote("ada@example.com")["city"]).toBe("Berlin");
  });

  test("opens a conflict once where both sides changed a field that a person decides, and then only counts it", async () => {
    await scene.close();
    await open({ maps: mapsWith({ contacts: { city: { conflict_resolution: "MANUAL" } } }) });
    const [id = 0] = await scene.synced("ada@example.com");
    scene.editUnseen(id, "city", "Berlin");
    scene.editContact("ada@example.com", { city: "Köln" });

    const first = contactsOf(await scene.reconcile());
    const { total } = await scene.store.conflicts.list({}, { afterId: 0, limit: 10 });
    scene.forget();
    const second = contactsOf(await scene.reconcile());

    expect(causesOf(first)).toEqual(["city: both_changed 1"]);
    expect([first.counts["conflicts"], total]).toEqual([1, 1]);
    expect(second.counts).toMatchObject({ different: 0, waiting: 1, conflicts: 0 });
    expect(scene.requests()).toHaveLength(1);
  });

  test("notes agreements that were never noted without asking HubSpot again", async () => {
    const [id = 0] = await scene.synced("ada@example.com");
    scene.sql("delete from field_state");

    const part = contactsOf(await scene.reconcile());

    expect(part.findings).toMatchObject({ agreed: 1, different: 0 });
    expect(await scene.base("contacts", id)).toMatchObject({ city: "Bonn", first_name: "Ada" });
    expect(scene.requests()).toHaveLength(1);
  });

  test("settles fields that never agreed by the field's rule", async () => {
    const [id = 0] = await scene.synced("ada@example.com");
    scene.sql("delete from field_state");
    scene.editUnseen(id, "city", null);

    const part = contactsOf(await scene.reconcile());

    expect(causesOf(part)).toEqual(["city: never_agreed 1"]);
    expect((await scene.one("ada@example.com")).city).toBe("Bonn");
  });

  test("tells of what may not travel once, and then only counts it", async () => {
    const [id = 0] = await scene.synced("ada@example.com");
    scene.editUnseen(id, "first_name", null);

    const first = contactsOf(await scene.reconcile());
    scene.forget();
    const second = contactsOf(await scene.reconcile());

    expect(causesOf(first)).toEqual(["first_name: blocked 1"]);
    expect(second.counts).toMatchObject({ different: 0, waiting: 1 });
    expect(scene.requests()).toHaveLength(1);
  });

  test("counts what only one side has, and creates nothing on either", async () => {
    await scene.synced("ada@example.com");
    await scene.contact("here@example.com");
    scene.simulator.hubspot.seedContacts([{ email: "there@example.com" }]);

    const part = contactsOf(await scene.reconcile());

    expect(part.counts).toMatchObject({ only_here: 1, only_in_hubspot: 1, repaired: 0 });
    expect(scene.remote("here@example.com")).toEqual({});
    expect(await scene.store.contacts.findByEmails(["there@example.com"])).toEqual([]);
    expect(scene.writes()).toEqual([]);
  });

  test("joins a contact that both sides have and nobody linked", async () => {
    await scene.synced("ada@example.com");
    const id = await scene.contact("both@example.com", { city: "Bonn" });
    scene.simulator.hubspot.seedContacts([{ email: "both@example.com" }]);

    const part = contactsOf(await scene.reconcile());

    expect(part.findings).toMatchObject({
      joined: { count: 1, examples: [String(id)] },
      only_in_hubspot: { count: 0 },
    });
    expect(scene.remote("both@example.com")["city"]).toBe("Bonn");
  });

  test("leaves a contact that waits for its enrichment to its first sync", async () => {
    await scene.synced("ada@example.com");
    await scene.contact("new@example.com", { status: "imported", enriched_at: null });
    scene.simulator.hubspot.seedContacts([{ email: "new@example.com" }]);

    await scene.reconcile();

    expect(await scene.one("new@example.com")).toMatchObject({ status: "imported" });
    expect(scene.writes()).toEqual([]);
  });

  test("looks at links that the list does not have: merged ones follow, deleted ones end by the policy", async () => {
    const [, , gone = 0] = await scene.synced(
      "ada@example.com",
      "second@example.com",
      "gone@example.com",
    );
    const { hubspot } = scene.simulator;
    hubspot.mergeAsUser("contacts", "ada@example.com", "second@example.com");
    hubspot.archiveAsUser("contacts", "gone@example.com");

    const part = contactsOf(await scene.reconcile());

    const survivor = hubspot.find("contacts", "ada@example.com")?.id;
    const links = await scene.store.links.byHubspotIds("contacts", [survivor ?? ""]);
    expect(part.findings).toMatchObject({ gone: { count: 3 }, deleted: 1 });
    expect(part.findings.merged).toBeGreaterThan(0);
    expect(links).toHaveLength(1);
    expect(await scene.store.tombstones.byLocalIds("contacts", [gone])).toHaveLength(1);
  });

  test("does not look at deleted records night after night", async () => {
    await scene.synced("ada@example.com", "gone@example.com");
    scene.simulator.hubspot.archiveAsUser("contacts", "gone@example.com");
    await scene.reconcile();
    scene.forget();

    const part = contactsOf(await scene.reconcile());

    expect(part.findings.gone.count).toBe(0);
    expect(scene.requests()).toHaveLength(1);
  });

  test("ends links whose contact was deleted here, and leaves HubSpot's", async () => {
    const [id = 0] = await scene.synced("ada@example.com");
    scene.sql("delete from contacts where id = ?", id);

    const part = contactsOf(await scene.reconcile());
    const next = contactsOf(await scene.reconcile());

    expect(part.findings).toMatchObject({ removed_here: { count: 1 }, compared: 0 });
    expect(next.findings).toMatchObject({ removed_here: { count: 0 }, ended: 0 });
    expect(await scene.store.links.byLocalIds("contacts", [id])).toEqual([]);
    expect(scene.simulator.hubspot.all("contacts")).toHaveLength(1);
    expect((await scene.store.contacts.query({ filter: {}, limit: 1 })).total).toBe(0);
  });

  test("writes nothing at all in a dry run but its report", async () => {
    const [id = 0] = await scene.synced("ada@example.com", "bob@example.com");
    scene.editUnseen(id, "city", "Berlin");
    scene.sql("delete from field_state where local_id = ?", id + 1);
    scene.simulator.hubspot.seedContacts([{ email: "there@example.com" }]);
    const { reconciliation_reports: _none, ...before } = scene.everything();

    const part = contactsOf(await scene.reconcile({ dry_run: true }));

    const { reconciliation_reports: kept, ...after } = scene.everything();
    expect(after).toEqual(before);
    expect(kept).toHaveLength(1);
    expect(scene.writes()).toEqual([]);
    expect(part).toMatchObject({
      dry_run: true,
      counts: { different: 1, repaired: 0, only_in_hubspot: 1 },
      findings: { agreed: 1 },
    });
  });

  test("is refused for records that are named", async () => {
    const job = await scene.reconcile({ emails: ["ada@example.com"] });

    expect(job).toMatchObject({ status: "failed" });
    expect(job.errors[0]?.message).toContain('"emails" does not go with mode reconcile');
  });

  test("leaves kinds alone that nobody asked to sync yet", async () => {
    await scene.contact("ada@example.com");

    const job = await scene.reconcile();

    expect(job.notes).toEqual([expect.stringContaining("No contacts were synced yet")]);
    expect(scene.requests()).toEqual([]);
  });

  test("repairs by what HubSpot holds then, not by what the list said", async () => {
    const [id = 0] = await scene.synced("ada@example.com");
    scene.editUnseen(id, "first_name", "Augusta");
    // The list is answered, then somebody edits both sides alike before the record is read again.
    scene.whileWaitingFor("/crm/objects/2026-09/contacts/batch/read", () => {
      scene.editContact("ada@example.com", { firstname: "Countess" });
    });

    const part = contactsOf(await scene.reconcile());

    expect(causesOf(part)).toEqual(["first_name: changed_here 1"]);
    const { first_name } = await scene.one("ada@example.com");
    expect(scene.remote("ada@example.com")["firstname"]).toBe(first_name);
    expect(await scene.base("contacts", id)).toMatchObject({ first_name });
    const [row] = await scene.history("contacts", id);
    expect(row?.fields[0]?.rule).toMatch(/LATEST_WINS/);
  });

  test("stops before it changes more than a run may", async () => {
    await scene.close();
    await open({ caps: { updates: 1 } });
    scene.forget();
    const first = await scene.contact("ada@example.com", { city: "Bonn" });
    await scene.sync({ ids: [first] });
    const second = await scene.contact("bob@example.com", { city: "Bonn" });
    await scene.sync({ ids: [second] });
    for (const id of [first, second]) scene.editUnseen(id, "city", "Berlin");

    const job = await scene.reconcile();

    expect(job).toMatchObject({ status: "failed", errors: [{ code: "RUN_CAP_EXCEEDED" }] });
    expect(scene.remote("ada@example.com")["city"]).toBe("Bonn");
    expect((await scene.store.reports.list(1))[0]).toMatchObject({ finished_at: null });
  });
});
