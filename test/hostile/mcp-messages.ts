/** JSON-RPC as no client should write it: lines for standard input, bodies for HTTP. */
import fc from "fast-check";
import { type Json, nastyText, nastyValue, spoiled, spoilings } from "./nasty.ts";

const call = (name: string, args: Json, id: Json = 7): Json => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});

/** Requests that are in order, to be spoiled. */
const requests: readonly Json[] = [
  { jsonrpc: "2.0", id: 1, method: "ping" },
  { jsonrpc: "2.0", id: "a", method: "tools/list", params: {} },
  { jsonrpc: "2.0", id: 2, method: "resources/list" },
  { jsonrpc: "2.0", id: 2, method: "resources/read", params: { uri: "job://import_1" } },
  { jsonrpc: "2.0", id: 2, method: "resources/subscribe", params: { uri: "job://import_1" } },
  { jsonrpc: "2.0", id: 3, method: "prompts/get", params: { name: "x", arguments: { a: "b" } } },
  { jsonrpc: "2.0", id: 3, method: "logging/setLevel", params: { level: "error" } },
  { jsonrpc: "2.0", id: 3, method: "completion/complete", params: { ref: {}, argument: {} } },
  { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7, reason: "x" } },
  { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1, progress: 1 } },
  { jsonrpc: "2.0", id: 9, result: { content: [] } },
  { jsonrpc: "2.0", id: 9, error: { code: -1, message: "x" } },
  call("query-contacts", { filter: { status: "imported" } }),
  call("sync-health", {}),
  call("job-status", { job_id: "import_1", wait_seconds: 0 }),
  call("no-such-tool", {}),
];

/** Messages as text without a line's end. */
export const messages: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom(...requests), spoilings)
      .map(([request, how]) => JSON.stringify(spoiled(request, how))),
  },
  { weight: 2, arbitrary: fc.constantFrom(...requests).map((request) => JSON.stringify(request)) },
  { weight: 2, arbitrary: nastyValue.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: nastyText.map((text) => text.replaceAll(/[\r\n]/g, " ")) },
  {
    weight: 1,
    arbitrary: nastyValue.map((id) => JSON.stringify(call("sync-health", {}, id))),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom(...requests), { maxLength: 20 })
      .map((batch) => JSON.stringify(batch)),
  },
);

/** What a framing layer meets at its worst. */
export const oddMessages: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["white space", "   "],
  ["half a message", '{"jsonrpc":"2.0","id":1,"meth'],
  [
    "two messages in one",
    '{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"ping"}',
  ],
  ["an empty batch", "[]"],
  ["a batch of nothing", "[null,1,[]]"],
  [
    "a batch of 10,000",
    `[${Array.from({ length: 10_000 }, () => '{"jsonrpc":"2.0","id":1,"method":"ping"}').join(",")}]`,
  ],
  ["another version", '{"jsonrpc":"1.0","id":1,"method":"ping"}'],
  ["no version", '{"id":1,"method":"ping"}'],
  ["no method", '{"jsonrpc":"2.0","id":1}'],
  ["an id of null", '{"jsonrpc":"2.0","id":null,"method":"ping"}'],
  ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"ping"}'],
  ["an id beyond all numbers", '{"jsonrpc":"2.0","id":1e999,"method":"ping"}'],
  ["an id of 2^63", '{"jsonrpc":"2.0","id":9223372036854775808,"method":"ping"}'],
  ["keys twice", '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping","method":"tools/list"}'],
  ["keys of a prototype", '{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{"polluted":true}}'],
  [
    "a second initialize",
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"1999-01-01","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}',
  ],
  ["an initialize without anything", '{"jsonrpc":"2.0","id":1,"method":"initialize"}'],
  ["a call without arguments", '{"jsonrpc":"2.0","id":1,"method":"tools/call"}'],
  [
    "arguments that are a list",
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"sync-health","arguments":[]}}',
  ],
  ["a method of 100 kB", `{"jsonrpc":"2.0","id":1,"method":"${"m".repeat(100_000)}"}`],
  [
    "100,000 lists in one another",
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query-contacts","arguments":{"filter":${"[".repeat(100_000)}${"]".repeat(100_000)}}}}`,
  ],
  [
    "100,000 lists in params",
    `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}}}`,
  ],
  ["an answer to nothing", '{"jsonrpc":"2.0","id":999,"result":{}}'],
  [
    "the end of a request that never was",
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":999}}',
  ],
  [
    "a resource elsewhere",
    '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///etc/passwd"}}',
  ],
  [
    "a resource that climbs",
    '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"job://../../etc/passwd"}}',
  ],
];
