/** Writes one timeline note per enrichment, and never a second one, whatever crashed in between. */
import { digest } from "../core/digest.ts";
import { AppError } from "../core/errors.ts";
import { RESTORED_FROM } from "../core/restored.ts";
import { noteState } from "../core/sync-contact.ts";
import { noteBody, noteMarker } from "../core/sync-note.ts";
import type { Crm, CrmCall, WriteOutcome } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import type { SyncLogEntry } from "../ports/sync-store.ts";
import { iso } from "./iso-time.ts";
import type { Member } from "./sync-associations.ts";

// Note → contact (HubSpot's association type ids, read 2026-03).
const NOTE_TO_CONTACT = 202;

export interface NotesRun {
  readonly store: Store;
  readonly crm: Crm;
  readonly runId: string;
  readonly call: CrmCall;
  readonly now: () => number;
}

export interface NotesWritten {
  /** Marker of the note that is now on the contact, by local id. */
  readonly noted: ReadonlyMap<number, string>;
  readonly failures: ReadonlyMap<number, AppError>;
  readonly created: number;
}

interface DueNote {
  readonly member: Member;
  readonly marker: string;
  /** The log row of an earlier try whose outcome nobody knows; null for a first try. */
  readonly earlier: SyncLogEntry | null;
}

/** `found`: the answer was lost, but the note is there. */
type NoteOutcome = WriteOutcome | { readonly kind: "found" };

/**
 * A note's life: an intent row with a unique marker, the request, the outcome. HubSpot has no idempotency key for notes
 * (facts of its API, read 2026-11), so an intent without an outcome means "perhaps": the contact's notes are read back and searched for the
 * marker before anything is written again.
 */
export async function writeNotes(run: NotesRun, members: readonly Member[]): Promise<NotesWritten> {
  const noted = new Map<number, string>();
  const due = await dueNotes(run.store, members);
  const settled = due.filter(({ earlier }) => earlier?.outcome === "done");
  const restoredFrom = await run.store.cursors.get(RESTORED_FROM);
  const uncertain = due.filter((note) => isUncertain(note, restoredFrom));
  const present = await readBack(run, uncertain);
  const open = due.filter((note) => note.earlier?.outcome !== "done" && !present.has(note.marker));
  for (const { member, marker } of [
    ...settled,
    ...uncertain.filter((note) => present.has(note.marker)),
  ]) {
    noted.set(member.sides.contact.id, marker);
  }
  const intents = await logIntents(run, open);
  const outcomes = await sendUntilKnown(run, open);
  await settle(run, {
    present: uncertain.filter((note) => present.has(note.marker)),
    intents,
    outcomes,
  });
  const failures = new Map<number, AppError>();
  for (const { member, marker } of open) {
    const outcome = outcomes.get(marker);
    if (isThere(outcome)) noted.set(member.sides.contact.id, marker);
    else failures.set(member.sides.contact.id, noteError(outcome));
  }
  return { noted, failures, created: open.length - failures.size };
}

/** Of a restored database the log does not tell what was written after the backup was made. */
function isUncertain({ earlier, member }: DueNote, restoredFrom: string | null): boolean {
  if (earlier !== null) return earlier.outcome !== "done";
  const { enriched_at } = member.sides.contact;
  return restoredFrom !== null && enriched_at !== null && enriched_at <= restoredFrom;
}

async function dueNotes(store: Store, members: readonly Member[]): Promise<readonly DueNote[]> {
  const due = members.flatMap((member) => {
    const { contact, company, base } = member.sides;
    const marker = noteMarker(contact, company);
    return marker === null || base[noteState] === digest(marker) ? [] : [{ member, marker }];
  });
  if (due.length === 0) return [];
  const rows = await store.syncLog.byMarkers(due.map(({ marker }) => marker));
  const byMarker = new Map(rows.map((row) => [row.marker, row]));
  return due.map((note) => ({ ...note, earlier: byMarker.get(note.marker) ?? null }));
}

/** Markers that the contacts' notes in HubSpot already carry. */
async function readBack(
  { crm, call }: NotesRun,
  uncertain: readonly DueNote[],
): Promise<ReadonlySet<string>> {
  if (uncertain.length === 0) return new Set();
  const contactIds = uncertain.map(({ member }) => member.hubspotId);
  const noteIds = [
    ...(await crm.associated("contacts", "notes", contactIds, call)).values(),
  ].flat();
  if (noteIds.length === 0) return new Set();
  const { found } = await crm.read(
    "notes",
    { ids: [...new Set(noteIds)], properties: ["hs_note_body"] },
    call,
  );
  const bodies = found.map((note) => note.properties["hs_note_body"] ?? "");
  // A marker ends at the tag after it, so that one marker is never taken for a longer one.
  const isPresent = ({ marker }: DueNote): boolean =>
    bodies.some((body) => body.includes(`${marker}<`));
  return new Set(uncertain.filter(isPresent).map(({ marker }) => marker));
}

/** Log row ids by marker; a note that was tried before keeps its row. */
async function logIntents(
  run: NotesRun,
  open: readonly DueNote[],
): Promise<ReadonlyMap<string, number>> {
  const fresh = open.filter(({ earlier }) => earlier === null);
  const ids = await run.store.syncLog.add(
    fresh.map(({ member, marker }) => ({
      run_id: run.runId,
      object: "contacts" as const,
      local_id: member.sides.contact.id,
      hubspot_id: member.hubspotId,
      action: "note" as const,
      outcome: "intent" as const,
      fields: [],
      marker,
      error: null,
      created_at: iso(run.now()),
      finished_at: null,
    })),
  );
  const again = open.flatMap(({ marker, earlier }) =>
    earlier ? [[marker, earlier.id] as const] : [],
  );
  return new Map([
    ...again,
    ...fresh.map(({ marker }, index) => [marker, ids[index] ?? 0] as const),
  ]);
}

/**
 * Sends, and where the answer was lost looks at once whether the note is there: what is not is sent a second time. What stays unknown after
 * that waits for the contact's next turn, which begins with the same look.
 */
async function sendUntilKnown(
  run: NotesRun,
  open: readonly DueNote[],
): Promise<ReadonlyMap<string, NoteOutcome>> {
  const first = await send(run, open);
  const lost = open.filter(({ marker }) => first.get(marker)?.kind === "unknown");
  if (lost.length === 0) return first;
  const present = await readBack(run, lost);
  const second = await send(
    run,
    lost.filter(({ marker }) => !present.has(marker)),
  );
  const found = [...present].map((marker) => [marker, { kind: "found" }] as const);
  return new Map<string, NoteOutcome>([...first, ...second, ...found]);
}

async function send(
  { crm, call, now }: NotesRun,
  open: readonly DueNote[],
): Promise<ReadonlyMap<string, WriteOutcome>> {
  if (open.length === 0) return new Map();
  const inputs = open.map(({ member, marker }) => ({
    ref: marker,
    properties: {
      hs_timestamp: member.sides.contact.enriched_at ?? iso(now()),
      hs_note_body: noteBody(member.sides.contact, member.sides.company, marker),
    },
    associations: [{ toId: member.hubspotId, typeId: NOTE_TO_CONTACT }],
  }));
  const outcomes = await crm.create("notes", inputs, call);
  return new Map(outcomes.map((outcome) => [outcome.ref, outcome]));
}

async function settle(
  run: NotesRun,
  answers: {
    readonly present: readonly DueNote[];
    readonly intents: ReadonlyMap<string, number>;
    readonly outcomes: ReadonlyMap<string, NoteOutcome>;
  },
): Promise<void> {
  const readBackRows = answers.present.flatMap(({ earlier }) =>
    earlier ? [{ id: earlier.id, outcome: "done" as const, error: null }] : [],
  );
  const sentRows = [...answers.intents].map(([marker, id]) => {
    const outcome = answers.outcomes.get(marker);
    return isThere(outcome)
      ? { id, outcome: "done" as const, error: null }
      : { id, outcome: logOutcome(outcome), error: noteError(outcome).message };
  });
  await run.store.syncLog.settle([...readBackRows, ...sentRows], iso(run.now()));
}

function isThere(outcome: NoteOutcome | undefined): boolean {
  return outcome?.kind === "written" || outcome?.kind === "found";
}

function logOutcome(outcome: NoteOutcome | undefined): "rejected" | "failed" | "unknown" {
  if (outcome?.kind === "rejected") return "rejected";
  return outcome?.kind === "failed" ? "failed" : "unknown";
}

function noteError(outcome: NoteOutcome | undefined): AppError {
  if (outcome?.kind === "failed" || outcome?.kind === "unknown") return outcome.error;
  if (outcome?.kind === "rejected") {
    return new AppError("input", `HubSpot refused the timeline note: ${outcome.message}`, {
      code: outcome.code,
    });
  }
  return new AppError(
    "unknown-outcome",
    "HubSpot did not say whether the timeline note was written.",
  );
}
