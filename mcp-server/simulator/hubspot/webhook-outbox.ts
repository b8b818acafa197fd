/** Webhook events that wait to be sent, and the subscription that asked for them. */
import type { Random } from "./random.ts";

/** One event as a webhook body carries it. Ids of records are numbers here, times in ms. */
export type WebhookEvent = {
  /** Not unique: events of one change share it, and a repeated event keeps it. */
  readonly eventId: number;
  readonly subscriptionId: number;
  readonly portalId: number;
  readonly appId: number;
  readonly occurredAt: number;
  readonly subscriptionType: string;
  /** How often it was sent before, from 0. */
  readonly attemptNumber: number;
  readonly changeSource: string;
  readonly sourceId?: string;
  readonly changeFlag?: string;
  readonly objectId?: number;
  /** Only `object.*` events say it. */
  readonly objectTypeId?: string;
  readonly propertyName?: string;
  readonly propertyValue?: string;
  readonly isSensitive?: boolean;
  readonly primaryObjectId?: number;
  readonly mergedObjectIds?: readonly number[];
  readonly newObjectId?: number;
  readonly numberOfPropertiesMoved?: number;
  readonly associationType?: string;
  readonly associationCategory?: string;
  readonly associationTypeId?: number;
  readonly fromObjectId?: number;
  readonly fromObjectTypeId?: string;
  readonly toObjectId?: number;
  readonly toObjectTypeId?: string;
  readonly associationRemoved?: boolean;
  readonly isPrimaryAssociation?: boolean;
};

/** What the app asked for. `null` lists mean everything. */
export type Subscription = {
  readonly targetUrl: string;
  /** The URL that is signed; another one than the target's where a proxy stands between. */
  readonly publicUrl: string;
  readonly clientSecret: string;
  readonly subscriptionTypes: readonly string[] | null;
  readonly propertyNames: readonly string[] | null;
  /** `object.*` events instead of `contact.*` and so on. */
  readonly generic: boolean;
  /** Sent soon after it happened, by itself. */
  readonly auto: boolean;
};

/** An event on its way. `dueAt` in ms of the clock that the subscription goes by. */
export type Letter = { readonly event: WebhookEvent; readonly dueAt: number };

/** All that one account has to tell its app. Nothing is raised while nobody subscribed. */
export type Outbox = {
  subscription: Subscription | null;
  /** In the order in which they were raised. */
  waiting: Letter[];
  /** Above 0 while test data are laid in: nobody made those changes. */
  muted: number;
  /** Own stream: webhook trouble must not change what the API answers. */
  readonly random: Random;
  /** Subscription type, object and property → subscription id. */
  readonly subscriptionIds: Map<string, number>;
  /** Called after each event. */
  onRaised: (() => void) | null;
};

/** An outbox of an account that no app subscribed to. */
export function createOutbox(random: Random): Outbox {
  return {
    subscription: null,
    waiting: [],
    muted: 0,
    random,
    subscriptionIds: new Map(),
    onRaised: null,
  };
}

/** Runs `work` without raising events for what it changes. */
export function muted<T>(outbox: Outbox, work: () => T): T {
  outbox.muted += 1;
  try {
    return work();
  } finally {
    outbox.muted -= 1;
  }
}
