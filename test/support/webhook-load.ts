/** People at work in HubSpot at a steady rate, and figures of how their notifications were taken. */
import type { WebhookSender } from "./webhook-sender.ts";
import { createContact, editContact, type WebhookWorld } from "./webhook-world.ts";

/** What was made: requests, and how many of them told of a new contact; any other has ten changes of a contact. */
export interface Made {
  readonly requests: number;
  readonly created: number;
}

export interface Load {
  /** From now on people make edits at full rate. */
  begin(): void;
  pause(): void;
  made(): Made;
}

export interface LoadOptions {
  /** Requests a second. */
  readonly perSecond: number;
  /** Of so many requests one tells of a new contact. */
  readonly newEvery: number;
}

/** Edits the world's contacts in turn. */
export function webhookLoad(
  world: WebhookWorld,
  sender: WebhookSender,
  { perSecond, newEvery }: LoadOptions,
): Load {
  let requests = 0;
  let created = 0;
  let timer: NodeJS.Timeout | undefined;
  const makeOne = (): void => {
    const number = requests++;
    const contact = world.contacts[number % world.contacts.length];
    if (number % newEvery === newEvery - 1) {
      sender.send(createContact(world, `new-${number}@arrivals.com`, number));
      created += 1;
    } else if (contact) {
      sender.send(editContact(world, contact, number));
    }
  };
  return {
    begin: () => {
      const before = requests;
      const begun = performance.now();
      timer = setInterval(() => {
        const due = before + ((performance.now() - begun) * perSecond) / 1_000;
        while (requests < due) makeOne();
      }, 5);
    },
    pause: () => clearInterval(timer),
    made: () => ({ requests, created }),
  };
}

/** How many notifications there were. */
export function notificationsIn({ requests, created }: Made): number {
  return (requests - created) * 10 + created;
}

/** Answers by status ("null" = none), and how long those with 200 took. */
export function answers({ attempts }: WebhookSender): Readonly<Record<string, unknown>> {
  const times = attempts
    .flatMap(({ status, ms }) => (status === 200 ? [ms] : []))
    .toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(times[Math.floor(share * times.length)] ?? 0);
  const statuses = [...Map.groupBy(attempts, ({ status }) => String(status))];
  return {
    statuses: Object.fromEntries(statuses.map(([status, all]) => [status, all.length])),
    ack_ms: { p50: at(0.5), p99: at(0.99), max: Math.round(times.at(-1) ?? 0) },
  };
}

/** Figures for whoever runs it; they depend on the machine. */
export function print(figures: Readonly<Record<string, unknown>>): void {
  process.stderr.write(`${JSON.stringify(figures)}\n`);
}
