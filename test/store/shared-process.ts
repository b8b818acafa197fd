/** A process of its own for tests: once told to, counts a shared value up and sends what it got each time. */
import { once } from "node:events";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { keptLog } from "../support/quiet-log.ts";
import { NOW } from "./builders.ts";

const [url = "", times = "0"] = process.argv.slice(2);
const { shared, close } = await openStore(url, { log: keptLog() });
const told = once(process, "message");
process.send?.("ready");
await told;
const counts: number[] = [];
for (let time = 0; time < Number(times); time += 1) {
  counts.push(
    await shared.change(
      "counter",
      (value) => {
        const next = Number(value ?? "0") + 1;
        return { value: String(next), result: next };
      },
      NOW,
    ),
  );
}
await close();
process.send?.(counts, () => process.disconnect());
