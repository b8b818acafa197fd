/** A piece of work that a process may die in, told so that it can be begun from the same start again and again. */
import type { Simulator } from "../../mcp-server/simulator/simulator.ts";
import type { Notification } from "../support/webhook-sender.ts";

/** What a lane offers those who act in it. */
export interface World {
  readonly simulator: Simulator;
  readonly folder: string;
  /** The database of this run. */
  readonly file: string;
}

/** A piece of work, told so that it can be begun from the same start as often as there are points to die at. */
export interface Scenario {
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Writes the files that are imported. */
  readonly files?: (world: World) => Promise<void>;
  /** What HubSpot's people made before: the same each time. */
  readonly seed?: (world: World) => void;
  /** Calls with which a server brings the start about; left out = the database does not exist yet. */
  readonly before?: readonly Call[];
  /** What people and other programs do right before the process starts; returns what HubSpot notifies. */
  readonly act?: (world: World) => readonly Notification[];
  /** What the process is asked for. */
  readonly ask?: Call;
  /** Counts what is still on its way besides jobs, inbox and queues; must be 0 in the end. */
  readonly unsettled?: string;
}

/** A call of the REST door that starts a job. */
export interface Call {
  readonly kind: "import" | "enrich" | "sync";
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}
