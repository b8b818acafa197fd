/** A server whose every word is kept, with secrets in its settings and people in its database that no word may hold. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Child, sandbox, startServer } from "../support/child-server.ts";

export const planted = (name: string): string => `${name}-${randomBytes(9).toString("hex")}`;
export const keys = {
  HUBSPOT_ACCESS_TOKEN: planted("pat-na1"),
  HUBSPOT_CLIENT_SECRET: planted("client"),
  LEMLIST_API_KEY: planted("lemlist"),
  EXPLORIUM_API_KEY: planted("explorium"),
  ANTHROPIC_API_KEY: planted("sk-ant"),
  API_TOKEN: planted("api"),
} as const;
export const people = [
  {
    email: "quirina.zwetschge@plantedcorp.com",
    first: "Quirina",
    last: "Zwetschge",
    phone: "+493031415926",
  },
  {
    email: "xaveria.pfifferling@plantedcorp.com",
    first: "Xaveria",
    last: "Pfifferling",
    phone: "+493027182818",
  },
] as const;
export const jobTitle = "Oberzuckerbäckerin";
/** Neither a secret nor a person's data may be in what is written; each is looked for in the forms it travels in. */
const forbidden = [
  ...Object.values(keys).flatMap((key) => [
    key,
    Buffer.from(key).toString("base64").slice(0, 16),
    Buffer.from(`:${key}`).toString("base64").slice(0, 16),
  ]),
  ...people.flatMap(({ email, first, last, phone }) => [
    email,
    email.split("@")[0] ?? "",
    first,
    last,
    phone.slice(1),
  ]),
  jobTitle,
];

/** What of the forbidden a text holds. */
export function leaks(text: string, more: readonly string[] = []): readonly string[] {
  const low = text.toLowerCase();
  return [...forbidden, ...more].filter((word) => low.includes(word.toLowerCase()));
}

export interface World {
  readonly child: Child;
  readonly url: string;
  readonly folder: string;
  /** Calls an address with the token and notes the answer, which must hold no secret, and no person when it is an error. */
  call(path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Starts a job and waits for its end. */
  work(path: string, body: object): Promise<Answer>;
  readonly answers: Answer[];
}

export interface Answer {
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

/** A server over a database of its own. */
export async function start(env: Readonly<Record<string, string>>): Promise<World> {
  const box = await sandbox({ ...keys, LOG_LEVEL: "trace", ...env });
  const child = startServer("http", box.env);
  onTestFinished(async () => {
    child.process.kill("SIGTERM");
    await child.ended;
    await box.remove();
  });
  await child.said("listening");
  const url = /"url":"([^"]+)"/.exec(child.stderr())?.[1] ?? "";
  const answers: Answer[] = [];
  const call: World["call"] = async (path, body, headers = {}) => {
    const answer = await fetch(`${url}${path}`, {
      headers: {
        authorization: `Bearer ${keys.API_TOKEN}`,
        ...(body ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    });
    const seen = { path, status: answer.status, text: await answer.text() };
    answers.push(seen);
    return seen;
  };
  const work: World["work"] = async (path, body) => {
    const started = await call(path, { wait_seconds: 0, ...body });
    const { job_id } = JSON.parse(started.text);
    if (job_id === undefined) return started;
    for (;;) {
      const job = await call(`/api/jobs/${job_id}?wait_seconds=10`);
      if (!/"status":"(queued|running)"/.test(job.text)) return job;
    }
  };
  return { child, url, folder: box.folder, call, work, answers };
}

/** Imports the people from a file in which some rows are wrong. */
export async function importPeople({ work, folder }: World): Promise<void> {
  const rows = people.map(
    ({ email, first, last, phone }) =>
      `${email},${first},${last},${phone},${jobTitle},plantedcorp.com`,
  );
  const broken = [
    `no-address,Quirina,Zwetschge,+493031415926,${jobTitle},x`,
    `${rows[0]},too,many`,
  ];
  await writeFile(
    join(folder, "people.csv"),
    ["email,first name,last name,phone,job title,domain", ...rows, ...broken].join("\n"),
  );
  await work("/api/import/csv", { path: join(folder, "people.csv") });
}

/** sync-health names records as examples, by e-mail or account number, so that an agent can ask for them: that much it may say. */
function withoutKeys(path: string, text: string): string {
  const named = /"examples":\[[^\]]*\]|"record":"[^"]*"/g;
  return path === "/api/health" ? text.replace(named, "") : text;
}

/** Where something was written that may not be, and what; nothing when all is well. */
export function told(
  { child, answers }: World,
  more: readonly string[] = [],
): Readonly<Record<string, readonly string[]>> {
  const found: [string, readonly string[]][] = [
    ["stderr", leaks(child.stderr(), more)],
    ["stdout", leaks(child.stdout(), more)],
    ...answers.map(({ path, status, text }): [string, readonly string[]] => [
      `${path} ${status}`,
      leaks(withoutKeys(path, text), more),
    ]),
  ];
  return Object.fromEntries(found.filter(([, words]) => words.length > 0));
}

/** Which of the forbidden a child's stderr holds, with the lines, to say where a leak is. */
export function lines({ child }: World): readonly string[] {
  return child
    .stderr()
    .split("\n")
    .filter((line) => leaks(line).length > 0);
}
