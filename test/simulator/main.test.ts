/** `npm run simulator`: one line of JSON for programs, lines for people, and a clean end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function start(...args: string[]) {
  const child = spawn(process.execPath, ["mcp-server/simulator/main.ts", ...args]);
  children.push(child);
  return child;
}

test.each(["SIGINT", "SIGTERM"] as const)("serves the demo data until %s", async (signal) => {
  const child = start("--port-base", "0", "--seed-demo");
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, "line");
  const urls = JSON.parse(String(line));

  const response = await fetch(`${urls.hubspotUrl}/crm/v3/objects/contacts`, {
    headers: { authorization: `Bearer ${urls.hubspotToken}` },
  });
  expect(await response.json()).toMatchObject({ results: { length: 10 } });
  const ended = once(child, "exit");
  child.kill(signal);

  expect(await ended).toEqual([0, null]);
});

test("tells which variables to set", async () => {
  const child = start("--port-base", "0");
  let output = "";
  for await (const chunk of child.stdout) {
    output += String(chunk);
    if (output.includes("Ctrl-C")) break;
  }

  for (const name of ["HUBSPOT", "LEMLIST", "EXPLORIUM", "ANTHROPIC"])
    expect(output).toMatch(new RegExp(`export ${name}_BASE_URL=http://127\\.0\\.0\\.1:\\d+`));
  expect(output).toContain("export HUBSPOT_ACCESS_TOKEN=");
});

test("says so and ends with 1 when a port is taken", async () => {
  const first = start("--port-base", "0");
  const [line] = await once(createInterface({ input: first.stdout }), "line");
  const { port } = new URL(JSON.parse(String(line)).hubspotUrl);

  const second = start("--port-base", "0", "--hubspot-port", port);
  const [code] = await once(second, "exit");

  expect(code).toBe(1);
});
