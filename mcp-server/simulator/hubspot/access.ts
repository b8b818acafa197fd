/** Who may call: token and scopes. */
import type { Account } from "./account.ts";
import { ApiFailure } from "./errors.ts";
import type { ObjectType } from "./object-types.ts";
import type { Access } from "./routing.ts";

/** 401 unless the request carries the account's token and it has not expired. */
export function checkToken(account: Account, authorization: string | undefined): void {
  const { token, tokenExpiredSecondsAgo } = account.settings;
  if (/^bearer +(.+)$/i.exec(authorization ?? "")?.[1] !== token)
    throw new ApiFailure(401, {
      message:
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
      category: "INVALID_AUTHENTICATION",
    });
  if (tokenExpiredSecondsAgo !== null)
    throw new ApiFailure(401, {
      message: `The OAuth token used to make this call expired ${tokenExpiredSecondsAgo} second(s) ago.`,
      category: "EXPIRED_AUTHENTICATION",
    });
}

/** For each need, the scopes any of which satisfies it. */
function needsOf(access: Access, types: readonly ObjectType[]): string[][] {
  switch (access) {
    case "read":
    case "write":
      return types.map((type) => [`crm.objects.${type.scopeObject}.${access}`]);
    case "schema-read":
      return types.map(({ name, scopeObject }) => [
        `crm.schemas.${name}.read`,
        `crm.objects.${scopeObject}.read`,
        `crm.objects.${scopeObject}.write`,
      ]);
    case "schema-write":
      return types.map(({ name }) => [`crm.schemas.${name}.write`]);
    case "owners":
      return [["crm.objects.owners.read"]];
    case "none":
      return [];
  }
}

/** 403 naming the scopes that the call lacks. */
export function checkScopes(account: Account, access: Access, types: readonly ObjectType[]): void {
  const { scopes } = account.settings;
  if (scopes === null) return;
  const missing = needsOf(access, types)
    .filter((anyOf) => !anyOf.some((scope) => scopes.includes(scope)))
    .map(([first = ""]) => first);
  if (missing.length === 0) return;
  throw new ApiFailure(403, {
    message:
      "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    errors: [
      {
        message: "One or more of the following scopes are required.",
        context: { requiredGranularScopes: [...new Set(missing)] },
      },
    ],
    links: { scopes: "https://developers.hubspot.com/scopes" },
    category: "MISSING_SCOPES",
  });
}
