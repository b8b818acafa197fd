/** Request bodies: JSON objects of bounded size, whether their length is announced or not. */
import { AppError } from "../core/errors.ts";
import { problemResponse } from "./problem.ts";

export type Body =
  | { readonly kind: "object"; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: "refused"; readonly response: Response };

/** The body as an object; an empty body is an empty object. Never throws for what a client sent. */
export async function readObject(request: Request, maxBytes: number): Promise<Body> {
  const text = await readText(request, maxBytes);
  if (text === null) return { kind: "refused", response: tooLarge(maxBytes) };
  if (text.trim() === "") return { kind: "object", value: {} };
  if (!isJson(request.headers.get("content-type"))) {
    return { kind: "refused", response: unsupportedMedia() };
  }
  return parseObject(text);
}

async function readText(request: Request, maxBytes: number): Promise<string | null> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return null;
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let received = 0;
  try {
    for await (const chunk of request.body) {
      received += chunk.byteLength;
      if (received > maxBytes) return null;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new AppError("input", "The request body broke off; send it again.", { cause });
  }
  return decoded(Buffer.concat(chunks));
}

/** Bytes that are no UTF-8 would otherwise be stored as replacement characters in the place of a name's letters. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError("input", "The body is not UTF-8 text; send it as UTF-8.", {
      code: "NOT_UTF8",
      cause,
    });
  }
}

function parseObject(text: string): Body {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      return { kind: "object", value: { ...value } };
    }
  } catch {
    return { kind: "refused", response: malformed("The body is not valid JSON.") };
  }
  return { kind: "refused", response: malformed("The body must be a JSON object.") };
}

function isJson(contentType: string | null): boolean {
  const media = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return media === "application/json" || media.endsWith("+json");
}

function tooLarge(maxBytes: number): Response {
  return problemResponse({
    status: 413,
    code: "BODY_TOO_LARGE",
    title: "Body too large",
    detail: `The body may have at most ${maxBytes} bytes; import large sets from a file on the server.`,
    // The rest of the body is not read, so the connection cannot be used again.
    headers: { connection: "close" },
  });
}

function unsupportedMedia(): Response {
  return problemResponse({
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
    title: "Unsupported media type",
    detail: "Send the body as application/json.",
  });
}

function malformed(detail: string): Response {
  return problemResponse({
    status: 400,
    code: "MALFORMED_JSON",
    title: "Malformed body",
    detail,
  });
}
