import type { LogEntry } from "../contract/log-entry.ts";
import type { TokenSource } from "../contract/token-source.ts";
import type { Outcome } from "../simulator/simulator.ts";
import type { LocalKind } from "./api.ts";
import { formatExample } from "./example-lines.ts";
import type { KnownAccounts } from "./read-users.ts";
import { placeToken } from "./token-place.ts";
import { CLIENT_ID, CLIENT_SECRET, describeAccount, type Machine, PASSWORD, USERS_FILE, type User } from "./users.ts";
import type { WelcomeExample } from "./welcome-example.ts";

/** The gateway of one API. */
export interface GatewayOnScreen {
  /** The name of the API. */
  readonly name: string;
  readonly url: string;
  /** Says who answers preflights. */
  readonly preflights: string;
}

/** The parts of the message at the start. */
interface Welcome {
  readonly kind: LocalKind;
  /** At least one. */
  readonly gateways: readonly GatewayOnScreen[];
  /** The URL of the issuer. */
  readonly issuer: string;
  readonly revision: string;
  /** The folder of the policies. */
  readonly policies: string;
  readonly accounts: KnownAccounts;
  /** Undefined if no request that is allowed was found. */
  readonly example: WelcomeExample | undefined;
  /** The places of the token in a request. */
  readonly tokenSources: readonly TokenSource[];
}

const API_NAMES: Readonly<Record<LocalKind, string>> = { rest: "REST API", http: "HTTP API, payload 2.0" };

/** The most users, and the most machines, that are listed. */
const MOST_LISTED = 15;
const MOST_CHARS = 90;

/** Formats the message at the start. */
export function formatWelcome(welcome: Welcome): string {
  const { kind, gateways, issuer, revision, policies, accounts, example, tokenSources } = welcome;
  const label = (name: string) => (gateways.length > 1 ? `  (${name})` : "");
  const urlOf = (api: string) => gateways.find(({ name }) => name === api)?.url ?? "";
  const from = accounts.file ?? `derived from the policy; ${policies}/${USERS_FILE} names your own`;
  return `
${gateways.map(({ name, url }) => `  API         ${url}  (${API_NAMES[kind]})${label(name)}`).join("\n")}
  issuer      ${issuer}  (Cognito's InitiateAuth, client ${CLIENT_ID}; /oauth2/token for machines)
  policy      ${policies}/, revision ${revision.slice(0, 12)}
${gateways.map(({ name, preflights }) => `  preflights  ${preflights}${label(name)}`).join("\n")}

  users (${from}), all with the password ${PASSWORD}
${formatAccounts(accounts.users)}${
  accounts.machines.length === 0
    ? ""
    : `

  machines, all with the secret ${CLIENT_SECRET}
${formatAccounts(accounts.machines)}`
}

${example === undefined ? formatNoExample(policies) : formatExample(example, urlOf(example.api), issuer, placeToken(kind, tokenSources, "$TOKEN"))}

  Edit a file in ${policies}/ and call again. Ctrl-C ends the server.
`;
}

/** Formats a line for each user or machine, and one for those that are too many. */
function formatAccounts(accounts: readonly (User | Machine)[]): string {
  if (accounts.length === 0) return "    none";
  const listed = accounts.slice(0, MOST_LISTED);
  const width = Math.max(9, ...listed.map(({ name }) => name.length));
  const lines = listed.map((account) => {
    const known = describeAccount(account);
    const text = known.length > MOST_CHARS ? `${known.slice(0, MOST_CHARS)}…` : known;
    return `    ${account.name.padEnd(width)} ${text}`;
  });
  const more = accounts.length - listed.length;
  return [...lines, ...(more > 0 ? [`    … and ${more} more`] : [])].join("\n");
}

function formatNoExample(policies: string): string {
  return `  No request was found that the policy allows to any of them. In ${policies}/${USERS_FILE}, give a user the groups
  and claims that the policy's roles and conditions name.`;
}

/** Formats what changed after users were read again. */
export function formatAccountsRead({ users, machines, file }: KnownAccounts): string {
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  return `${count(users.length, "user")} and ${count(machines.length, "machine")} read, ${file ?? "derived from the policy"}`;
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
  { status, cache, context, respondedAtMs }: Outcome,
  nowMs: number,
): string {
  if (cache === "hit" && respondedAtMs !== undefined) {
    const ageS = Math.floor((nowMs - respondedAtMs) / 1000);
    return `${method.padEnd(6)} ${(url.split("?")[0] ?? "").padEnd(28)} cached ${ageS} s ago: ${status}`;
  }
  if (context !== undefined) return `${method.padEnd(6)} ${url.padEnd(28)} is open, and the authorizer is not invoked`;
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
