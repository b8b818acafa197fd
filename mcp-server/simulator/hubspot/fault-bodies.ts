/** Bodies of injected faults, shaped as HubSpot and the proxy before it shape them. */
import type { Account } from "./account.ts";
import { errorBodyOf, type Fault } from "./errors.ts";
import { rateBody, retryHeaders } from "./limits.ts";

type FaultBody = { status: number; headers: Record<string, string>; body: string };

const FAULTS: Readonly<Record<number, Fault>> = {
  401: {
    message:
      "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    category: "INVALID_AUTHENTICATION",
  },
  403: {
    message:
      "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    errors: [
      {
        message: "One or more of the following scopes are required.",
        context: { requiredGranularScopes: ["crm.objects.contacts.write"] },
      },
    ],
    links: { scopes: "https://developers.hubspot.com/scopes" },
    category: "MISSING_SCOPES",
  },
  423: { message: "The record is locked. Wait at least 2 seconds before the next attempt." },
  477: { message: "This account is being moved to another data center. Try again later." },
  500: { message: "internal error" },
};

/** HubSpot docs, error handling, read 2026-04: of all errors only 477 says how long to wait. */
const MIGRATION_RETRY_SECONDS = 60;

const GATEWAY: Readonly<Record<number, string>> = {
  414: "Request-URI Too Large",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
  521: "Web server is down",
  523: "Origin is unreachable",
  524: "A timeout occurred",
};

function gatewayPage(status: number): FaultBody {
  const title = `${status} ${GATEWAY[status] ?? "Error"}`;
  return {
    status,
    headers: { "Content-Type": "text/html" },
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n`,
  };
}

function waitHeaders(account: Account, status: number): Record<string, string> {
  if (status === 477) return { "Retry-After": String(MIGRATION_RETRY_SECONDS) };
  return status === 429 ? retryHeaders(account, "TEN_SECONDLY_ROLLING") : {};
}

/** The answer to a request that a fault stopped: 5xx from the proxy are HTML, others JSON. */
export function faultBody(account: Account, status: number): FaultBody {
  if (GATEWAY[status] !== undefined) return gatewayPage(status);
  const correlationId = account.random.uuid(account.now());
  const body =
    status === 429
      ? rateBody(account, "TEN_SECONDLY_ROLLING", correlationId)
      : errorBodyOf(FAULTS[status] ?? { message: "error" }, correlationId);
  return {
    status,
    headers: {
      "Content-Type": "application/json;charset=utf-8",
      "X-HubSpot-Correlation-Id": correlationId,
      ...waitHeaders(account, status),
    },
    body: JSON.stringify(body),
  };
}
