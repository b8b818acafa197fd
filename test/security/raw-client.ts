/** Requests written byte by byte, because no HTTP library lets a test choose every header, or take its time. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

type Headers = Readonly<Record<string, string>>;

/** What came back: the status (null when the connection ended without an answer) and everything received. */
export interface RawAnswer {
  readonly status: number | null;
  readonly text: string;
}

/** Sends the bytes and waits until the server has closed the connection. */
export async function exchange(port: number, bytes: string | Uint8Array): Promise<RawAnswer> {
  const socket = await open(port);
  const answer = received(socket);
  socket.write(bytes);
  return answer;
}

/** A request of HTTP/1.1 that asks for the connection to be closed. */
export function request(line: string, headers: Headers, body = ""): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join("")}Connection: close\r\n\r\n${body}`;
}

/** A connection whose failure is an end like any other. */
export async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => socket.destroy());
  return socket;
}

/** Everything until the connection ends. */
export function received(socket: Socket): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  const { promise, resolve } = Promise.withResolvers<RawAnswer>();
  socket.once("close", () => {
    const text = Buffer.concat(chunks).toString();
    const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
    resolve({ status: status === undefined ? null : Number(status), text });
  });
  return promise;
}
