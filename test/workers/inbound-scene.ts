/** One contact that both sides hold, and a HubSpot whose changes raise notifications that the test hands over. */
import { type RigOptions, type SyncRig, syncRig } from "../support/sync-rig.ts";

export const ADA = "ada@acme-robotics.com";

export interface InboundScene extends SyncRig {
  /** The local id of the contact. */
  readonly ada: number;
  /** HubSpot's id of the contact. */
  readonly adaThere: string;
  /** One look. */
  look(): Promise<void>;
  /** A person edits the contact in HubSpot. */
  edit(values: Readonly<Record<string, string>>): void;
  /** Sets fields of the contact here, as a tool does. */
  editHere(set: Parameters<SyncRig["contact"]>[1]): Promise<void>;
  /** Requests since `forget` that could change something in HubSpot. */
  writes(): readonly string[];
  /** How many wait: notifications, HubSpot records to look at, local records to sync. */
  waiting(): Promise<readonly number[]>;
  /** A notification that HubSpot could send. */
  notification(kind: string, objectId: string | number): Readonly<Record<string, unknown>>;
}

const never = new AbortController().signal;

export async function inboundScene(options: RigOptions = {}): Promise<InboundScene> {
  const rig = await syncRig(options);
  const ada = await rig.contact(ADA, { first_name: "Ada", job_title: "CTO", city: "Bonn" });
  await rig.sync();
  rig.listen();
  rig.forget();
  const { hubspot } = rig.simulator;
  let eventId = 0;
  return {
    ...rig,
    ada,
    adaThere: hubspot.find("contacts", ADA)?.id ?? "",
    look: () => rig.live(never),
    edit: (values) => void hubspot.editAsUser("contacts", ADA, values),
    editHere: (set = {}) => rig.store.contacts.update([{ id: ada, set }], rig.clock.iso()),
    writes: () => rig.requests().filter((line) => !/^GET|batch\/read|search/.test(line)),
    waiting: async () => {
      const now = rig.clock.iso();
      const inbox = await rig.store.inbox.depth(1_000);
      const remote = await rig.store.remoteQueue.depth(now);
      const local = await rig.store.queue.depth(now);
      return [inbox.waiting, remote.due + remote.waiting, local.due + local.waiting];
    },
    notification: (kind, objectId) => ({
      eventId: ++eventId,
      subscriptionType: kind,
      objectId: Number(objectId),
      occurredAt: rig.clock.now(),
    }),
  };
}
