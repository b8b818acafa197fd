/** The first message of an MCP client, for tests that write JSON-RPC by hand. */

/** An `initialize` request with id 1 that asks for the given revision of the protocol. */
export function initializeRequest(protocolVersion = "2025-11-25") {
  return {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion, capabilities: {}, clientInfo: { name: "raw", version: "1" } },
  } as const;
}
