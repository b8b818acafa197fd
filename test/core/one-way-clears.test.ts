import { expect, test } from "vitest";
import { mergeField } from "../../mcp-server/src/core/merge.ts";

const times = { localAt: null, remoteAt: null };
const clearing = { strategy: "WARP_WINS", clears: true } as const;

test.each(["WARP_TO_HUBSPOT", "HUBSPOT_TO_WARP"] as const)(
  "a %s field never empties a value that the sides never agreed on",
  (direction) => {
    const local = direction === "WARP_TO_HUBSPOT" ? null : "a";
    const remote = direction === "WARP_TO_HUBSPOT" ? "a" : null;

    const first = mergeField(
      { direction, ...clearing },
      { base: undefined, local, remote, ...times },
    );
    const later = mergeField({ direction, ...clearing }, { base: "a", local, remote, ...times });

    expect(first.kind).toBe("none");
    expect(later.kind).toBe(direction === "WARP_TO_HUBSPOT" ? "push" : "pull");
  },
);
