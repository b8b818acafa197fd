/** Taking and leaving a port. */
import { expect, test } from "vitest";
import { serveHttp } from "../../mcp-server/src/http/listen.ts";

const hello = { fetch: () => new Response("hello"), host: "127.0.0.1" };

test("a taken port is a conflict that names the mend", async () => {
  const first = await serveHttp({ ...hello, port: 0 });

  const second = serveHttp({ ...hello, port: first.port });

  await expect(second).rejects.toMatchObject({
    name: "AppError",
    kind: "conflict",
    code: "PORT_TAKEN",
    message: expect.stringContaining("HTTP_PORT"),
  });
  await first.close();
});

test("an address that is not this machine's is an input error", async () => {
  await expect(serveHttp({ ...hello, host: "192.0.2.1", port: 0 })).rejects.toMatchObject({
    kind: "input",
    code: "CANNOT_LISTEN",
  });
});

test("closing waits for the answer under way, and frees the port", async () => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const server = await serveHttp({
    ...hello,
    port: 0,
    fetch: async () => {
      asked.resolve();
      await gate.promise;
      return new Response("late");
    },
  });
  const answer = fetch(server.url, { headers: { connection: "close" } });
  await asked.promise;

  const closed = server.close(10_000);
  gate.resolve();

  expect(await (await answer).text()).toBe("late");
  await closed;
  const again = await serveHttp({ ...hello, port: server.port });
  await again.close();
});

test("closing cuts streams that never end", async () => {
  const server = await serveHttp({
    ...hello,
    port: 0,
    fetch: () => new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array([1])) })),
  });
  const { body } = await fetch(server.url);
  const reader = body?.getReader();
  await reader?.read();

  await server.close(10);

  await expect(reader?.read()).rejects.toThrow();
});
