/** A contact that both sides hold, under a policy for deletions, and what tests of its end ask for. */
import { expect } from "vitest";
import type { Contact, ContactPatch } from "../../mcp-server/src/core/contact.ts";
import type { DeletionPolicy } from "../../mcp-server/src/core/life.ts";
import type { Conflict } from "../../mcp-server/src/ports/conflict-store.ts";
import type { RigOptions } from "../support/sync-rig.ts";
import { type InboundScene, inboundScene } from "./inbound-scene.ts";

export const PRIVATE = "ada@private-mail.com";
export const GRACE = "grace@acme-robotics.com";

export interface LifeScene extends InboundScene {
  /** Hears what HubSpot notifies and looks, several times: what a look causes is heard, too. */
  hearAll(rounds?: number): Promise<void>;
  /** A contact by id; undefined when it is not stored. */
  here(id: number): Promise<Contact | undefined>;
  /** E-mails of all contacts. */
  all(): Promise<readonly string[]>;
  linkOf(id: number): Promise<string | undefined>;
  open(): Promise<readonly Conflict[]>;
  /** A person edits a contact here. */
  change(id: number, set: ContactPatch): Promise<void>;
  /** A second contact on both sides. */
  grace(): Promise<number>;
  /** Nothing is left to do, and nothing more is written. */
  quiet(): Promise<void>;
}

export async function lifeScene(
  policy: DeletionPolicy,
  options: Pick<RigOptions, "maps"> = {},
): Promise<LifeScene> {
  const scene = await inboundScene({
    ...options,
    live: { deletions: { contacts: policy, customers: policy } },
  });
  const { store, clock } = scene;
  const hearAll = async (rounds = 3): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      clock.advance(5_000);
      await scene.hear();
      await scene.look();
    }
  };
  return {
    ...scene,
    hearAll,
    here: async (id) => (await store.contacts.findByIds([id]))[0],
    all: async () =>
      (await store.contacts.query({ filter: {}, limit: 20 })).items.map(({ email }) => email),
    linkOf: async (id) => (await store.links.byLocalIds("contacts", [id]))[0]?.hubspot_id,
    open: async () => (await store.conflicts.list({}, { afterId: 0, limit: 10 })).conflicts,
    change: (id, set) => store.by("person").contacts.update([{ id, set }], clock.iso()),
    grace: async () => {
      const id = await scene.contact(GRACE, { first_name: "Grace" });
      await scene.sync();
      await hearAll();
      return id;
    },
    quiet: async () => {
      await hearAll(2);
      scene.forget();
      clock.advance(60 * 60_000);
      await scene.sync({ queued_only: true });
      await hearAll(2);
      expect(scene.writes()).toEqual([]);
      expect(await scene.waiting()).toEqual([0, 0, 0]);
    },
  };
}
