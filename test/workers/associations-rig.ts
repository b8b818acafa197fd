/** Contacts and their companies on both sides, with a look as the server takes it. */
import type { Simulator } from "../../mcp-server/simulator/simulator.ts";
import { type CompanyBase, readCompanyBase } from "../../mcp-server/src/core/company-base.ts";
import type { ContactPatch } from "../../mcp-server/src/core/contact.ts";
import { significantFields } from "../../mcp-server/src/core/significant.ts";
import type { LoggedField } from "../../mcp-server/src/ports/sync-store.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

export const ADA = "ada@acme-robotics.com";
export const DOMAIN = "acme-robotics.com";

export interface AssociationRig extends SyncRig {
  readonly hubspot: Simulator["hubspot"];
  /** Companies that HubSpot has a contact with, by name; the primary one first, marked by `*`. */
  companiesOf(email: string): readonly string[];
  /** The id of HubSpot's company with this domain. */
  companyId(domain: string): string;
  /** Sets fields of a contact as an import or a person does, and makes it due. */
  edit(email: string, set: ContactPatch): Promise<void>;
  /** Brings HubSpot's notifications and looks, twice: what a look causes is heard, too. */
  settle(): Promise<void>;
  /** Requests that change something in HubSpot, since `forget`. */
  writes(): readonly string[];
  /** What the log says of a contact's company, oldest first. */
  moves(email: string): Promise<readonly LoggedField[]>;
  /** What the base says of a contact's company. */
  base(email: string): Promise<CompanyBase | null>;
  /** All of a contact's base. */
  wholeBase(email: string): Promise<Readonly<Record<string, string | null>>>;
}

const never = new AbortController().signal;

/** Ada works at Acme on both sides; HubSpot's notifications are heard from now on. */
export async function atAcme(
  options: Parameters<typeof associationRig>[0] = {},
): Promise<AssociationRig> {
  const rig = await associationRig(options);
  await rig.contact(ADA, { domain: DOMAIN, company: "Acme Robotics" });
  await rig.sync();
  rig.listen();
  rig.forget();
  return rig;
}

/** Another company that people made in HubSpot. */
export function globexIn(rig: AssociationRig): string {
  const [id = ""] = rig.hubspot.seedCompanies([{ domain: "globex.com", name: "Globex" }]);
  return id;
}

export async function associationRig(
  live: Parameters<typeof syncRig>[0] = {},
): Promise<AssociationRig> {
  const rig = await syncRig({
    ...live,
    live: { significant: significantFields("off"), ...live.live },
  });
  const { hubspot } = rig.simulator;
  const nameOf = (id: string): string => {
    const properties = hubspot.find("companies", id)?.properties;
    return properties?.["domain"] || properties?.["name"] || id;
  };
  const wholeBase = async (email: string) => {
    const { id } = await rig.one(email);
    const [state] = await rig.store.fieldStates.get("contacts", [id]);
    return state?.base ?? {};
  };
  return {
    ...rig,
    hubspot,
    companiesOf: (email) =>
      hubspot
        .associations("contacts", email, "companies")
        .map(({ id, typeIds }) => (typeIds.includes(1) ? `*${nameOf(id)}` : nameOf(id)))
        .sort(),
    companyId: (domain) => {
      const found = hubspot
        .all("companies")
        .find(({ properties }) => properties["domain"] === domain);
      if (!found) throw new Error(`HubSpot has no company ${domain}`);
      return found.id;
    },
    edit: async (email, set) => {
      const { id } = await rig.one(email);
      const now = rig.clock.iso();
      await rig.store
        .by("import")
        .contacts.update([{ id, set: { ...set, status: "enriched" } }], now);
    },
    settle: async () => {
      for (let round = 0; round < 2; round++) {
        rig.clock.advance(2_500);
        await rig.hear();
        await rig.live(never);
      }
    },
    writes: () =>
      rig.requests().filter((line) => !/GET |batch\/read|\/search|account-info/.test(line)),
    moves: async (email) => {
      const { id } = await rig.one(email);
      const rows = await rig.store.syncLog.forRecord("contacts", id, 50);
      return rows
        .filter(({ action }) => action === "associate")
        .flatMap(({ fields }) => fields)
        .reverse();
    },
    base: async (email) => readCompanyBase(await wholeBase(email)),
    wholeBase,
  };
}
