/** MCP clients that talk to the product's server in the same process; each is closed after its test. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { afterEach } from "vitest";
import { productServer, type Services } from "./stack.ts";

const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** A client that is closed after the test. */
export async function connect(services: Services): Promise<Client> {
  const client = await connectToKeep(services);
  clients.push(client);
  return client;
}

/** A client that its caller closes. */
export async function connectToKeep(services: Services): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await productServer(services, "stdio").connect(ours);
  const client = new Client({ name: "door-test", version: "1" });
  await client.connect(theirs);
  return client;
}
