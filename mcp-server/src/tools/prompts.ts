/** Ready-made requests that MCP clients offer to a person, e.g. as slash commands. */
import { z } from "zod";

/** A request with blanks; `text` fills them in. Blanks are always text, as the protocol has it. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly blanks: Readonly<Record<string, z.ZodString>>;
  readonly text: (filled: Readonly<Record<string, string>>) => string;
}

const MAX_BLANK = 1_000;

/** All prompts, the whole cycle first. */
export const prompts: readonly Prompt[] = [
  {
    name: "import-and-sync",
    title: "Import a file and sync it with HubSpot",
    description:
      "The whole cycle for a CSV file: import, enrich, preview, and sync after your word.",
    blanks: { path: z.string().max(MAX_BLANK).describe("CSV file on the server's machine") },
    text: ({ path }) =>
      [
        `Import the contacts of the CSV file ${JSON.stringify(path)} with the import tool and follow the job to its end.`,
        "Tell me the counts, and group the rejected rows by reason.",
        "Then enrich the contacts, and preview the sync with dry_run.",
        "Show me in one table what would change in HubSpot, and sync only after I agree.",
      ].join("\n"),
  },
  {
    name: "explain-contact",
    title: "Explain a contact",
    description: "Why a contact holds what it holds, and whether HubSpot agrees.",
    blanks: { email: z.string().max(MAX_BLANK).describe("The contact's e-mail address") },
    text: ({ email }) =>
      [
        `Call query-contacts with email ${JSON.stringify(email)}.`,
        "Explain per field who set it and when, what HubSpot held after the last sync, and what the next sync will do.",
        "If something failed, say what would mend it.",
      ].join("\n"),
  },
];
