import { isIP } from "node:net";
import type { RequestParts } from "../analysis/requests/input.ts";
import { parseMethod, parsePath } from "../analysis/requests/parse-request.ts";
import type { Additions } from "../analysis/requests/what-if.ts";
import { API_NAME_RULE, isApiName } from "../contract/deployment-alias.ts";
import type { Command, FlagReader, Given } from "./command.ts";

/** The flags of `can`. */
export const FLAGS: Pick<Command, "flags" | "lists"> = {
  flags: [
    ...["kind", "issuer", "claims", "token", "log-line", "issuers"],
    ...["api", "source-ip", "at", "policies", "format"],
  ],
  lists: ["group", "scope", "header", "query"],
};

/** Where the claims of the caller are from. */
type ClaimsSource =
  | { readonly kind: "none" }
  | { readonly kind: "claims" | "log-line"; readonly file: string }
  | { readonly kind: "token"; readonly text: string };

/** The options of `can`. */
export interface CanOptions {
  readonly format: "text" | "md" | "json";
  readonly source: ClaimsSource;
  readonly additions: Additions;
  readonly issuersFile: string | undefined;
  /** Undefined if the log line has it. */
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly api: string | undefined;
  readonly request: RequestParts;
  readonly nowS: number;
}

/** Reads the options of `can`; gives undefined and reports every error if some are wrong. */
export function readCanOptions(given: Given, flags: FlagReader): CanOptions | undefined {
  const { flags: values, lists = {}, positionals } = given;
  const format = flags.choose("format", ["text", "md", "json"], "text");
  const kind = values["kind"] === undefined ? undefined : flags.choose("kind", ["user", "machine"], "user");
  const { api, issuer, claims, token, "log-line": logLine, "source-ip": sourceIp, at } = values;
  const source = toSource(claims, token, logLine, flags);
  const [method, path, ...others] = positionals;
  if (others.length > 0 || (path === undefined && (method !== undefined || logLine === undefined)))
    flags.report("name one method and one path, like GET /orders/7");
  const parsedMethod = method === undefined ? undefined : parseMethod(method);
  const parsedPath = path === undefined ? undefined : parsePath(path);
  for (const parsed of [parsedMethod, parsedPath]) if (parsed?.ok === false) flags.report(parsed.error);
  if (api !== undefined && !isApiName(api)) flags.report(`--api must have ${API_NAME_RULE}`);
  if (kind !== undefined && (token !== undefined || logLine !== undefined))
    flags.report("--kind is for a caller without a token; a token and a log line prove the kind themselves");
  for (const name of ["group", "scope"] as const)
    if (lists[name]?.some((value) => value.trim() === "")) flags.report(`--${name} must have a name`);
  if (sourceIp !== undefined && isIP(sourceIp) === 0)
    flags.report("--source-ip must be an IP address, like 198.51.100.7");
  const headers = toValues(lists["header"], "--header", flags, (name) => name.toLowerCase());
  const query = toValues(lists["query"], "--query", flags, (name) => name);
  if (logLine !== undefined && [sourceIp, at, ...headers.keys(), ...query.keys()].some((value) => value !== undefined))
    flags.report("--source-ip, --header, --query and --at are for requests without a log line, which has its own");
  const nowS = at === undefined ? Math.floor(Date.now() / 1000) : parseTime(at);
  if (nowS === undefined) flags.report("--at must be a time like 2026-11-26T12:00:00Z, or seconds since 1970");
  if (flags.errors.length > 0 || nowS === undefined) return undefined;
  const [methodText, pathText] = [parsedMethod, parsedPath].map((parsed) => (parsed?.ok ? parsed.value : undefined));
  return {
    ...{ format, source, issuersFile: values["issuers"], method: methodText, path: pathText, api, nowS },
    additions: {
      groups: lists["group"] ?? [],
      scopes: (lists["scope"] ?? []).flatMap((scopes) => scopes.split(" ").filter((scope) => scope !== "")),
      kind,
      issuer,
    },
    request: { method: methodText ?? "", path: pathText ?? "", api, source_ip: sourceIp, headers, query },
  };
}

function toSource(
  claims: string | undefined,
  token: string | undefined,
  logLine: string | undefined,
  flags: FlagReader,
): ClaimsSource {
  if ([claims, token, logLine].filter((value) => value !== undefined).length > 1)
    flags.report("--claims, --token and --log-line exclude each other");
  if (token !== undefined) return { kind: "token", text: token };
  if (claims !== undefined) return { kind: "claims", file: claims };
  return logLine === undefined ? { kind: "none" } : { kind: "log-line", file: logLine };
}

/** Reads `NAME=VALUE` pairs. */
function toValues(
  pairs: readonly string[] = [],
  flag: string,
  flags: FlagReader,
  toName: (text: string) => string,
): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, readonly string[]>();
  for (const pair of pairs) {
    const [, text, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (text === undefined || value === undefined) flags.report(`${flag} must be NAME=VALUE`);
    else values.set(toName(text), [...(values.get(toName(text)) ?? []), value]);
  }
  return values;
}

/** Matches a day, or a time with its zone: without one, it would be another instant on each machine. */
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Parses a time in ISO form, or in seconds since 1970. */
function parseTime(text: string): number | undefined {
  if (/^\d{1,11}$/.test(text)) return Number(text);
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
