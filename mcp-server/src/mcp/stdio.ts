/** The MCP door over standard input and output. */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { Log } from "../ports/world.ts";
import { BoundedLines } from "./bounded-lines.ts";

type Streams = ConstructorParameters<typeof StdioServerTransport>;

export interface StdioDoor {
  /** Resolves when the client has closed its end (or the door was closed); the process should then stop. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

// The SDK ends the connection over a longer one (its buffer has 10 MB): one message would cost the client its server.
const MAX_LINE_BYTES = 8_000_000;

/** Serves one client over the given streams; only JSON-RPC is ever written to `output`. */
export async function serveStdio(
  server: McpServer,
  log: Log,
  input: NonNullable<Streams[0]> = process.stdin,
  output: NonNullable<Streams[1]> = process.stdout,
): Promise<StdioDoor> {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const lines = new BoundedLines(MAX_LINE_BYTES, () =>
    log.warn({ code: "MCP_LINE_TOO_LONG" }, "a message of more than 8 MB was dropped"),
  );
  const finish = (): void => {
    // Reading on would keep the process alive.
    input.unpipe(lines);
    input.pause();
    resolve();
  };
  input.once("end", finish);
  input.once("close", finish);
  // A client that died leaves a broken pipe, which is an end like any other.
  output.once("error", finish);
  server.server.onclose = finish;
  server.server.onerror = (error) => log.debug({ err: error }, "mcp transport error");
  await server.connect(new StdioServerTransport(input.pipe(lines), output));
  return { ended, close: () => server.close() };
}

/**
 * Sends what libraries print to the console to standard error, because a single stray line on standard output breaks the
 * protocol. Call it before anything else in stdio mode.
 */
export function divertConsole(): void {
  const toStderr = (...parts: readonly unknown[]): void => {
    process.stderr.write(`${parts.map(String).join(" ")}\n`);
  };
  Object.assign(globalThis.console, {
    log: toStderr,
    info: toStderr,
    debug: toStderr,
    dir: toStderr,
    table: toStderr,
  });
}
