import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, sandbox, startServer } from "../support/child-server.ts";

let box: Sandbox;
beforeEach(async () => {
  box = await sandbox();
});
afterEach(() => box.remove());

test("refuses a wrong configuration with every problem on one page and exit code 1", async () => {
  const server = startServer("http", {
    ...box.env,
    HTTP_PORT: "nope",
    LOG_LEVEL: "loud",
    HUBSPOT_ACCESS_TOKEN: "pat-secret",
  });

  expect(await server.ended).toBe(1);
  expect(server.stderr()).toContain("HTTP_PORT must be a whole number");
  expect(server.stderr()).toContain("LOG_LEVEL must be one of");
  expect(server.stderr()).not.toContain("pat-secret");
  expect(server.stdout()).toBe("");
});

test("refuses an unknown command and says which there are", async () => {
  const server = startServer("serve", box.env);

  expect(await server.ended).toBe(1);
  expect(server.stderr()).toContain('There is no command "serve"');
  expect(server.stderr()).toContain("hubspot-sync stdio");
});

test("serves HTTP until it is told to stop, and then ends cleanly", async () => {
  const server = startServer("http", box.env);
  await server.said("listening");
  const url = /"url":"([^"]+)"/.exec(server.stderr())?.[1] ?? "";

  const health = await fetch(`${url}/healthz`);
  const contacts = await fetch(`${url}/api/contacts`);
  server.process.kill("SIGTERM");

  expect(health.status).toBe(200);
  expect(await contacts.json()).toMatchObject({ total: 0 });
  expect(await server.ended).toBe(0);
});

test("refuses a field map with mistakes before anything is opened", async () => {
  const server = startServer("http", { ...box.env, FIELD_MAP: `${box.folder}/missing.json` });

  expect(await server.ended).toBe(1);
  expect(server.stderr()).toMatch(/field map .* cannot be read/i);
});
