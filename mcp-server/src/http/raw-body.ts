/** Request bodies as bytes, exactly as they were sent, within bounds of size and time. */

export type RawBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "too-large" }
  | { readonly kind: "too-slow" }
  | { readonly kind: "broken" };

export interface BodyBounds {
  readonly maxBytes: number;
  /** From now to the body's last byte. */
  readonly withinMs: number;
}

/** Reads the whole body. Never throws for what a client sent, or stopped sending. */
export async function readBytes(request: Request, bounds: BodyBounds): Promise<RawBody> {
  const announced = request.headers.get("content-length");
  if (announced !== null && Number(announced) > bounds.maxBytes) return { kind: "too-large" };
  const late = Promise.withResolvers<RawBody>();
  const timer = setTimeout(() => late.resolve({ kind: "too-slow" }), bounds.withinMs);
  try {
    // What is announced is read in one go, which is several times as fast; HTTP itself sees to it that no more comes.
    const body = announced === null ? readChunks(request, bounds.maxBytes) : readAll(request);
    return await Promise.race([body, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function readAll(request: Request): Promise<RawBody> {
  try {
    return { kind: "bytes", bytes: new Uint8Array(await request.arrayBuffer()) };
  } catch {
    return { kind: "broken" };
  }
}

async function readChunks(request: Request, maxBytes: number): Promise<RawBody> {
  if (request.body === null) return { kind: "bytes", bytes: new Uint8Array() };
  const reader = request.body.getReader();
  try {
    const bytes = await collect(reader, maxBytes);
    if (bytes !== null) return { kind: "bytes", bytes };
    await reader.cancel();
    return { kind: "too-large" };
  } catch {
    return { kind: "broken" };
  }
}

/** All chunks as one; null as soon as they are more than `maxBytes`. */
async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    received += value.byteLength;
    if (received > maxBytes) return null;
    chunks.push(value);
  }
}
