/** Whether HubSpot can be reached: after trouble one cheap request finds out, before any work is begun that would fail with it. */
import type { Crm, CrmCall } from "../ports/crm.ts";
import type { CircuitGate } from "./circuit-gate.ts";
import { accountDetails } from "./paths.ts";
import type { Send } from "./requester.ts";

/** Resolves when requests may leave, and throws why not. Whoever asks while a probe is under way waits for what it finds. */
export function createReachable(circuit: CircuitGate, send: Send): Crm["reachable"] {
  let probe: Promise<void> | null = null;
  return async (call = {}) => {
    if (!probe && (await circuit.check()) === "go") return;
    probe ??= ask(send, call).finally(() => {
      probe = null;
    });
    await probe;
    await circuit.check();
  };
}

async function ask(send: Send, call: CrmCall): Promise<void> {
  try {
    await send({ method: "GET", route: accountDetails(), lane: "objects", effect: "read" }, call);
  } catch {
    // A refusal: the circuit knows whether it was the token, and any other one shows that HubSpot is there.
  }
}
