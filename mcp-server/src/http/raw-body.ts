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
  if (request.body === null) return { kind: "bytes", bytes: new Uint8Array() };
  const reader = request.body.getReader();
  let isLate = false;
  const stop = (): void => void reader.cancel().catch(() => undefined);
  const late = setTimeout(() => {
    isLate = true;
    stop();
  }, bounds.withinMs);
  try {
    const bytes = await collect(reader, bounds.maxBytes);
    if (isLate) return { kind: "too-slow" };
    if (bytes !== null) return { kind: "bytes", bytes };
    stop();
    return { kind: "too-large" };
  } catch {
    return { kind: isLate ? "too-slow" : "broken" };
  } finally {
    clearTimeout(late);
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
