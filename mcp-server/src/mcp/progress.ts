/** Progress on its way to an MCP client: only where it was asked for, seldom, and never backwards. */
import type { ToolContext } from "../tools/tool.ts";

// A person reads at most this often; more would only fill the transport.
const MIN_GAP_MS = 500;

export interface ProgressNotice {
  readonly progress: number;
  readonly total?: number;
  readonly message: string;
}

/**
 * Thins progress out to two notices a second with rising numbers, as the protocol demands.
 *
 * @param send delivers one notice; progress is a courtesy, so it must not throw
 * @param now milliseconds on any rising scale
 */
export function thinnedProgress(
  send: (notice: ProgressNotice) => void,
  now: () => number,
): ToolContext["progress"] {
  let lastDone = Number.NEGATIVE_INFINITY;
  let lastAt = Number.NEGATIVE_INFINITY;
  return (done, total, message) => {
    if (done <= lastDone || now() - lastAt < MIN_GAP_MS) return;
    lastDone = done;
    lastAt = now();
    send({ progress: done, ...(total === null ? {} : { total }), message });
  };
}
