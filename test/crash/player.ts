/** One run of a scenario: server processes one after the other, what they are asked and told, until nothing is left to do. */
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import type { Child } from "../support/child-server.ts";
import { rowsOf } from "../support/crash-rig.ts";
import { type Notification, type WebhookSender, webhookSender } from "../support/webhook-sender.ts";
import type { Call, Scenario, World } from "./scenario.ts";

export interface PlayerParts {
  readonly world: World;
  readonly scenario: Scenario;
  readonly serve: (extra: Readonly<Record<string, string>>) => Child;
  /** What HubSpot notifies. */
  readonly told: readonly Notification[];
}

const PATIENCE_MS = 60_000;
const PER_REQUEST = 3;
const LONG_AGO = "2000-01-01T00:00:00.000Z";

export class Player {
  readonly #parts: PlayerParts;
  readonly #sender: WebhookSender;
  #jobsBefore: number | null = null;
  #words = "";
  #stoppedInMs = 0;
  #child: Child | null = null;

  constructor(parts: PlayerParts) {
    this.#parts = parts;
    this.#sender = webhookSender({
      secret: parts.world.simulator.hubspotClientSecret,
      againAfterMs: 50,
      concurrency: 2,
    });
    for (let n = 0; n < parts.told.length; n += PER_REQUEST)
      this.#sender.send(parts.told.slice(n, n + PER_REQUEST));
  }

  /** How many notifications were answered 200. */
  get acknowledged(): number {
    return this.#sender.acknowledged.size;
  }

  /** Notifications that were answered 200 and that the database does not have. What was told of erased people goes with them. */
  lost(): readonly Notification[] {
    const { world, told } = this.#parts;
    const kept = new Set(
      rowsOf<{ payload: string }>(world.file, "select payload from webhook_events").map(
        ({ payload }) => Number(JSON.parse(payload).eventId),
      ),
    );
    const erased = new Set(
      told
        .filter(({ subscriptionType }) => subscriptionType === "contact.privacyDeletion")
        .map(({ objectId }) => objectId),
    );
    return told.filter(
      ({ eventId, objectId }) =>
        this.#sender.acknowledged.has(eventId) && !kept.has(eventId) && !erased.has(objectId),
    );
  }

  /** Stands for the time until the leases of the dead are over. Only right while no process runs. */
  letLeasesRunOut(): void {
    const database = new Database(this.#parts.world.file, { timeout: 10_000 });
    const tables = database
      .prepare<[], { name: string }>("select name from sqlite_master where type = 'table'")
      .all()
      .map(({ name }) => name);
    const run = tables.includes("leases") ? (text: string) => database.exec(text) : () => undefined;
    run(`update jobs set lease_until = '${LONG_AGO}' where status = 'running'`);
    for (const queue of ["sync_queue", "hubspot_queue"])
      run(`update ${queue} set lease_until = '${LONG_AGO}' where lease_until > ''`);
    run(`update leases set until = '${LONG_AGO}'`);
    database.close();
  }

  /** Stands for the time until what is parked comes due. Only right while no process runs. */
  letWaitsRunOut(): void {
    const database = new Database(this.#parts.world.file, { timeout: 10_000 });
    database.exec(`update contacts set retry_at = '${LONG_AGO}' where retry_at is not null`);
    for (const queue of ["sync_queue", "hubspot_queue"])
      database.exec(`update ${queue} set due_at = '${LONG_AGO}'`);
    database.close();
  }

  /** How long the last process took to stop when it was told to. */
  get stoppedInMs(): number {
    return this.#stoppedInMs;
  }

  /** What the processes said. */
  words(): string {
    return this.#words + (this.#child?.stderr() ?? "");
  }

  /** Tells the process that there is room on the disk again. */
  makeRoom(): void {
    this.#child?.process.kill("SIGUSR2");
  }

  /**
   * One process's life: until nothing is left to do, or until it is time to stop, and it has stopped; or until it dies. Whether it died by SIGKILL.
   */
  async live(
    extra: Readonly<Record<string, string>>,
    isTime: () => boolean = () => false,
    meanwhile: (url: string) => Promise<unknown> = async () => null,
  ): Promise<boolean> {
    const child = this.#parts.serve(extra);
    this.#child = child;
    const ended = { is: false };
    const end = child.ended.then(() => {
      ended.is = true;
    });
    try {
      await this.#work(child, ended, { isTime, meanwhile });
    } finally {
      const asked = performance.now();
      if (!ended.is) child.process.kill("SIGTERM");
      const late = setTimeout(() => child.process.kill("SIGABRT"), PATIENCE_MS);
      await end;
      clearTimeout(late);
      this.#stoppedInMs = performance.now() - asked;
      this.#sender.aim();
      this.#words += child.stderr();
      this.#child = null;
    }
    const { exitCode, signalCode } = child.process;
    if (exitCode !== 0 && signalCode !== "SIGKILL")
      throw new Error(`The process ended with ${exitCode ?? signalCode}:\n${this.#words}`);
    return signalCode === "SIGKILL";
  }

  close(): void {
    this.#sender.close();
  }

  async #work(
    child: Child,
    ended: { readonly is: boolean },
    { isTime, meanwhile }: { isTime: () => boolean; meanwhile: (url: string) => Promise<unknown> },
  ): Promise<void> {
    const listening = () => /"url":"([^"]+)"/u.exec(child.stderr())?.[1];
    await this.#until(() => listening() !== undefined, ended);
    const url = listening();
    if (url === undefined) return;
    this.#sender.aim(url);
    await meanwhile(url);
    const { ask } = this.#parts.scenario;
    if (ask) await this.#ask(url, ask, ended);
    const database = new Database(this.#parts.world.file, { timeout: 10_000 });
    try {
      await this.#until(() => isTime() || this.#isQuiet(database), ended);
    } finally {
      database.close();
    }
  }

  /** As a client does: until an answer came, unless the job can be seen already. */
  async #ask(
    url: string,
    { kind, path, body }: Call,
    ended: { readonly is: boolean },
  ): Promise<void> {
    this.#jobsBefore ??= this.#jobs(kind);
    while (!ended.is && this.#jobs(kind) <= this.#jobsBefore) {
      const answer = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...body, wait_seconds: 0 }),
      }).catch(() => null);
      const text = await answer?.text().catch(() => "");
      if (answer && answer.status >= 400) throw new Error(`${path} answered ${text}`);
    }
  }

  #jobs(kind: Call["kind"]): number {
    const database = new Database(this.#parts.world.file, { timeout: 10_000 });
    const query = "select count(*) as n from jobs where kind = ?";
    const row = database.prepare<[string], { n: number }>(query).get(kind);
    database.close();
    return row?.n ?? 0;
  }

  #isQuiet(database: Database.Database): boolean {
    if (this.#sender.waiting() > 0) return false;
    const { settings, unsettled } = this.#parts.scenario;
    const sendsByItself = settings?.["AUTO_SYNC_AFTER_ENRICH"] === "true";
    const queries = [
      "select count(*) as n from jobs where status in ('queued', 'running')",
      "select count(*) as n from webhook_events where processed_at is null",
      "select count(*) as n from hubspot_queue",
      ...(sendsByItself ? ["select count(*) as n from sync_queue"] : []),
      ...(unsettled ? [unsettled] : []),
    ];
    return queries.every((query) => database.prepare<[], { n: number }>(query).get()?.n === 0);
  }

  async #until(holds: () => boolean, ended: { readonly is: boolean }): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!ended.is && !holds()) {
      if (Date.now() > deadline) throw new Error(`never came to rest: ${this.#open()}`);
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }

  #open(): string {
    const database = new Database(this.#parts.world.file, { readonly: true });
    const rows = [
      "select * from jobs where status in ('queued', 'running')",
      "select * from webhook_events where processed_at is null limit 3",
      "select * from sync_queue limit 3",
      "select * from hubspot_queue limit 3",
    ].flatMap((query) => database.prepare(query).all());
    database.close();
    return JSON.stringify({ waiting: this.#sender.waiting(), rows });
  }
}

/** The points that a process passed, in order. */
export function pointsIn(trace: string): readonly string[] {
  return readFileSync(trace, "utf8").split("\n").filter(Boolean);
}
