/** An onlooker between the workers and HubSpot: what is sent, whether it was announced, and how the log ends it. */
import type { Crm, WriteOutcome } from "../../mcp-server/src/ports/crm.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { SyncLogEntry, SyncObject } from "../../mcp-server/src/ports/sync-store.ts";

/** A write of a record as HubSpot was asked for it, and how the log must end it. */
export interface Sent {
  readonly object: SyncObject;
  readonly local_id: number;
  readonly outcome: "done" | "rejected" | "failed" | "unknown";
}

export interface Audit {
  readonly crm: Crm;
  /** Since the last call of `take`, oldest first. */
  take(): readonly Sent[];
  /** What left without an announcement. */
  readonly unannounced: string[];
}

/** Watches a rig's HubSpot. Companies of contacts have no log of their own; notes are announced by their marker. */
export function auditOf({ crm, store }: { readonly crm: Crm; readonly store: Store }): Audit {
  let sent: Sent[] = [];
  const unannounced: string[] = [];
  const isOfRecord = (ref: string): boolean => /^\d+$/.test(ref);

  async function announced(object: SyncObject, inputs: readonly { readonly ref: string }[]) {
    for (const { ref } of inputs.filter((one) => isOfRecord(one.ref))) {
      const rows = await store.syncLog.forRecord(object, Number(ref), 20);
      const isOpen = (row: SyncLogEntry) =>
        row.outcome === "intent" && (row.action === "create" || row.action === "update");
      if (rows.filter(isOpen).length !== 1) unannounced.push(`${object} ${ref}`);
    }
  }

  function note(object: SyncObject, outcomes: readonly WriteOutcome[]) {
    const ofRecords = outcomes.filter(({ ref }) => isOfRecord(ref));
    const told = ofRecords.map((one) => ({
      object,
      local_id: Number(one.ref),
      outcome: endOf(one),
    }));
    sent = [...sent, ...told];
  }

  const watched: Crm = {
    ...crm,
    update: async (object, inputs, call) => {
      await announced(localOf(object), inputs);
      const outcomes = await crm.update(object, inputs, call);
      note(localOf(object), outcomes);
      return outcomes;
    },
    upsert: async (object, key, inputs, call) => {
      await announced(localOf(object), inputs);
      const outcomes = await crm.upsert(object, key, inputs, call);
      note(localOf(object), outcomes);
      return outcomes;
    },
    create: async (object, inputs, call) => {
      const rows = await store.syncLog.byMarkers(inputs.map(({ ref }) => ref));
      const open = new Set(rows.filter((row) => row.outcome !== "done").map((row) => row.marker));
      unannounced.push(...inputs.flatMap(({ ref }) => (open.has(ref) ? [] : [ref])));
      return crm.create(object, inputs, call);
    },
    dissociate: async (from, to, pairs, call) => {
      for (const { ref } of pairs) {
        const rows = await store.syncLog.forRecord("contacts", Number(ref), 20);
        const isOpen = rows.some((r) => r.action === "associate" && r.outcome === "intent");
        if (!isOpen) unannounced.push(`end of an association of ${ref}`);
      }
      return crm.dissociate(from, to, pairs, call);
    },
  };
  return {
    crm: watched,
    unannounced,
    take: () => {
      const taken = sent;
      sent = [];
      return taken;
    },
  };
}

function localOf(object: string): SyncObject {
  return object === "contacts" ? "contacts" : "customers";
}

function endOf(outcome: WriteOutcome): Sent["outcome"] {
  switch (outcome.kind) {
    case "written":
      return "done";
    case "rejected":
      return "rejected";
    case "missing":
    case "failed":
      return "failed";
    case "unknown":
      return "unknown";
  }
}
