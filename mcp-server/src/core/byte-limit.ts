/** A stream that ends in an error when more comes through it than anybody should keep in memory. */
import { AppError } from "./errors.ts";

/** Passes up to `maxBytes` on; one byte more and it fails, which also ends where they came from: `unavailable`. */
export function byteLimit(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let passed = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      passed += chunk.byteLength;
      if (passed > maxBytes) controller.error(tooLong(maxBytes));
      else controller.enqueue(chunk);
    },
  });
}

function tooLong(maxBytes: number): AppError {
  return new AppError(
    "unavailable",
    `A provider's answer is longer than ${Math.ceil(maxBytes / 1e6)} MB, so nothing was taken from it. Try again later.`,
    { code: "ANSWER_TOO_LONG" },
  );
}

/** The same response, whose body may have so many bytes. */
export function bounded(response: Response, maxBytes: number): Response {
  if (response.body === null) return response;
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(byteLimit(maxBytes)), {
    status,
    statusText,
    headers,
  });
}
