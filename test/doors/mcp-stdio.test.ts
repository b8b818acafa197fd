/** MCP over stdio streams: only JSON-RPC goes out, and the client's end is the end. */
import { PassThrough } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { serveStdio } from "../../mcp-server/src/mcp/stdio.ts";
import { initializeRequest } from "../support/initialize.ts";
import { open } from "../tools/calls.ts";
import { productServer } from "./stack.ts";

const doors: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.close()));
});

async function openStdio() {
  const services = await open();
  const input = new PassThrough();
  const output = new PassThrough();
  const door = await serveStdio(productServer(services, "stdio"), services.log, input, output);
  doors.push(door);
  const lines: string[] = [];
  output.setEncoding("utf8");
  output.on("data", (text: string) => lines.push(...text.split("\n").filter(Boolean)));
  const send = (message: unknown): boolean => input.write(`${JSON.stringify(message)}\n`);
  return { door, input, lines, send };
}

const hello = initializeRequest();

test("answers with one JSON-RPC message a line, also to nonsense", async () => {
  const { lines, send, input } = await openStdio();

  send(hello);
  send({ jsonrpc: "2.0", method: "notifications/initialized" });
  input.write("this is not JSON\n");
  send({ jsonrpc: "2.0", id: 2, method: "no/such-method" });
  send({ jsonrpc: "2.0", id: 3, method: "tools/call", params: { name: "sync-health" } });
  await expect.poll(() => lines.length).toBe(3);

  const messages = lines.map((line) => JSON.parse(line));
  expect(messages.map((message) => [message.jsonrpc, message.id]).sort()).toEqual([
    ["2.0", 1],
    ["2.0", 2],
    ["2.0", 3],
  ]);
  expect(messages.find((message) => message.id === 2)).toHaveProperty("error.code", -32_601);
  expect(messages.find((message) => message.id === 3)).toHaveProperty(
    "result.structuredContent.status",
    "ok",
  );
});

test("has ended when the client closes its side", async () => {
  const { door, input, send } = await openStdio();
  send(hello);

  input.end();

  await expect(door.ended).resolves.toBeUndefined();
});
