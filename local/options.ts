import { isIP } from "node:net";
import { parseArgs } from "node:util";
import { err, ok, type Result } from "../authorizer/result.ts";
import type { ApiOptions } from "../build/build.ts";
import { MAX_TTL_S } from "../build/cache/settings.ts";
import type { LocalKind } from "./api.ts";

/** How `npm start` was asked to run. */
export interface Options {
  readonly kind: LocalKind;
  readonly upstream: URL | undefined;
  readonly sourceIp: string | undefined;
  readonly port: number;
  readonly consolePort: number;
  /** How long answers are kept; undefined: they are not. */
  readonly cacheTtlS: number | undefined;
  /** What the build is told of the API. */
  readonly api: ApiOptions;
  /** Decisions are printed as the decision log has them. */
  readonly asJson: boolean;
}

/** What API Gateway takes for a REST API whose authorizer says nothing of it. */
const DEFAULT_TTL_S = 300;

/** What the command line can say. */
export const USAGE = `npm start -- [--kind rest|http] [--upstream URL] [--source-ip ADDRESS] [--json]
             [--cache [--cache-ttl SECONDS] [--openapi FILE [--answers request|token]]]
  --kind       the API to play: a REST API (default) or an HTTP API with payload 2.0
  --upstream   where requests that pass go; default: a sample API that answers with what it was given
  --source-ip  the address that requests seem to come from; default: the client's own
  --cache      keep the authorizer's answers as API Gateway does, under the policy's cache contract
  --cache-ttl  for how long, 1 to ${MAX_TTL_S}; default: ${DEFAULT_TTL_S}
  --openapi    the API's OpenAPI document: its routes; default: the paths that the policy names
  --answers    token: one answer for all routes of a token, where the policy lets it (REST APIs)
  --json       print each decision as its line of the decision log, whose "input" opa eval can be asked again
  PORT and CONSOLE_PORT in the environment: the gateway's port (3000) and the issuer's (3001)`;

/** Reads the command line and the environment. The error is a line for each fault. */
export function parseOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<Options, readonly string[]> {
  const faults: string[] = [];
  const values = parseFlags(args, faults);
  const kind = values["kind"] ?? "rest";
  if (kind !== "rest" && kind !== "http") faults.push("--kind must be rest or http");
  const upstream = values["upstream"];
  if (upstream !== undefined && !/^https?:$/.test(URL.parse(upstream)?.protocol ?? ""))
    faults.push("--upstream must be an http or https URL");
  const sourceIp = values["source-ip"];
  if (sourceIp !== undefined && isIP(sourceIp) === 0) faults.push("--source-ip must be an IPv4 or IPv6 address");
  const ttl = values["cache-ttl"];
  const ttlS = Number(ttl ?? DEFAULT_TTL_S);
  if (ttl !== undefined && (!/^\d+$/.test(ttl) || ttlS < 1 || ttlS > MAX_TTL_S))
    faults.push(`--cache-ttl must be 1 to ${MAX_TTL_S}`);
  if (ttl !== undefined && values.cache !== true) faults.push("--cache-ttl needs --cache");
  const answers = values.answers;
  if (answers !== undefined && answers !== "request" && answers !== "token")
    faults.push("--answers must be request or token");
  if (values.openapi !== undefined && values.cache !== true) faults.push("--openapi needs --cache");
  if (answers === "token" && values.openapi === undefined) faults.push("--answers token needs --openapi");
  if (answers === "token" && kind === "http") faults.push("--answers token is for REST APIs");
  const api = { openApiFile: values.openapi, answers: answers === "token" ? answers : undefined } as const;
  const readPort = (name: string, preset: number) => {
    const port = Number(environment[name] || preset);
    if (!Number.isInteger(port) || port < 0 || port > 65535) faults.push(`${name} must be a port number`);
    return port;
  };
  const port = readPort("PORT", 3000);
  const consolePort = readPort("CONSOLE_PORT", 3001);
  if (faults.length > 0 || (kind !== "rest" && kind !== "http")) return err(faults);
  const target = upstream === undefined ? undefined : new URL(upstream);
  const cacheTtlS = values.cache === true ? ttlS : undefined;
  return ok({ kind, upstream: target, sourceIp, port, consolePort, cacheTtlS, api, asJson: values["json"] === true });
}

interface Flags {
  readonly kind?: string | undefined;
  readonly upstream?: string | undefined;
  readonly "source-ip"?: string | undefined;
  readonly cache?: boolean | undefined;
  readonly "cache-ttl"?: string | undefined;
  readonly openapi?: string | undefined;
  readonly answers?: string | undefined;
  readonly json?: boolean | undefined;
}

function parseFlags(args: readonly string[], faults: string[]): Flags {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = {
    kind: text,
    upstream: text,
    "source-ip": text,
    cache: flag,
    "cache-ttl": text,
    openapi: text,
    answers: text,
    json: flag,
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
    return {};
  }
}
