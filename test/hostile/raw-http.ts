/** HTTP written byte by byte, for requests that no client library would send. */
import { connect } from "node:net";

/** What came back before the connection ended: status, head and body as text; status null when nothing came. */
export interface RawAnswer {
  readonly status: number | null;
  readonly text: string;
}

/** Sends bytes as they are and reads until the server closes, or has been silent for a while after an answer. */
export function rawRequest(url: string, bytes: string | Buffer, quietMs = 400): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    const done = (): void => {
      socket.destroy();
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      resolve({ status: status === undefined ? null : Number(status), text });
    };
    // Nothing at all may come to half a request: that is an end, too.
    socket.setTimeout(quietMs, done);
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("close", done);
    socket.on("error", done);
    socket.write(bytes);
  });
}

/** A request's text. */
export function requestText(
  line: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [line, ...lines, "", body].join("\r\n");
}
