import type { LogEntry } from "../contract/decision-log.ts";
import type { Outcome } from "../simulator/simulator.ts";
import type { LocalKind } from "./api.ts";
import { CLIENT_ID } from "./issuer.ts";
import { PASSWORD, USERS } from "./users.ts";

/** The parts of the message at the start. */
interface Welcome {
  readonly kind: LocalKind;
  /** The URL of the gateway. */
  readonly gateway: string;
  /** The URL of the issuer. */
  readonly issuer: string;
  readonly revision: string;
  /** The folder of the policies. */
  readonly policies: string;
}

const API_NAMES: Readonly<Record<LocalKind, string>> = { rest: "REST API", http: "HTTP API, payload 2.0" };

/** Formats the message at the start. */
export function formatWelcome({ kind, gateway, issuer, revision, policies }: Welcome): string {
  const users = USERS.map(({ name, knownBy }) => `    ${name.padEnd(9)} ${knownBy}`);
  const body = JSON.stringify({
    AuthFlow: "USER_PASSWORD_AUTH",
    ClientId: CLIENT_ID,
    AuthParameters: { USERNAME: "customer", PASSWORD },
  });
  return `
  API      ${gateway}  (${API_NAMES[kind]})
  issuer   ${issuer}  (Cognito's InitiateAuth, client ${CLIENT_ID})
  policy   ${policies}/, revision ${revision.slice(0, 12)}

  users, all with the password ${PASSWORD}
${users.join("\n")}

  Sign in and call; by the sample policy the second line is allowed, the third denied.

TOKEN=$(curl -s ${issuer}/ -H 'X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth' -d '${body}' | sed 's/.*"IdToken":"\\([^"]*\\)".*/\\1/')
curl -i ${gateway}/customers/42/orders -H "Authorization: Bearer $TOKEN"
curl -i ${gateway}/admin -H "Authorization: Bearer $TOKEN"

  Edit a file in ${policies}/ and call again. Ctrl-C ends the server.
`;
}

/**
 * Formats one decision: method, path, user, effect, the grants or reasons for it, and microseconds.
 *
 * @param received - The request as received, for entries of the log that lack its method or path.
 */
export function formatDecision(
  entry: LogEntry,
  nameOf: (sub: string) => string | undefined,
  received: { readonly method: string; readonly url: string } | undefined,
): string {
  const { principal, request } = entry.input as {
    readonly principal?: { readonly id?: string };
    readonly request?: { readonly method?: string; readonly path?: string };
  };
  const effect = effectOf(entry);
  const names = namesIn(entry);
  const user = principal?.id === undefined ? "-" : (nameOf(principal.id) ?? principal.id);
  const us = (entry.metrics.timer_server_handler_ns / 1000).toFixed(0);
  const line = `${(request?.method ?? received?.method ?? "-").padEnd(6)} ${(request?.path ?? received?.url ?? "-").padEnd(28)} ${user.padEnd(9)}`;
  return `${line} ${effect.padEnd(5)} ${names.join(" ")} ${us} µs`;
}

/** Formats a request for which the authorizer was not invoked, so that the decision log has no entry. */
export function formatNotInvoked(
  { method, url }: { readonly method: string; readonly url: string },
  { status, cache, respondedAtMs }: Outcome,
  nowMs: number,
): string {
  if (cache === "hit" && respondedAtMs !== undefined) {
    const ageS = Math.floor((nowMs - respondedAtMs) / 1000);
    return `${method.padEnd(6)} ${(url.split("?")[0] ?? "").padEnd(28)} cached ${ageS} s ago: ${status}`;
  }
  const reason = status === 400 ? "is not percent-encoded correctly: 400, and" : `gets ${status}, and`;
  return `${method.padEnd(6)} ${url.padEnd(28)} ${reason} the authorizer is not invoked`;
}

/** Names the effect of an entry; `token` for a per-token policy document, which has no single effect. */
function effectOf({ result }: LogEntry): string {
  if (result === undefined) return "fault";
  return "effect" in result ? result.effect : "token";
}

/** Lists the names that explain an entry: its grants, or its reasons with denials and unmet conditions. */
function namesIn({ result, field, error }: LogEntry): readonly string[] {
  if (result === undefined) return [error?.code ?? ""];
  if (!("effect" in result)) return [...result.grants, ...result.denials];
  if (field !== undefined && result.effect === "deny") return [...result.reasons, `(${field})`];
  if (result.effect === "allow") return result.grants;
  return [...result.reasons, ...result.denials, ...Object.values(result.unmet).flat()];
}
