import { parseArgs } from "node:util";
import { err, ok, type Result } from "../authorizer/result.ts";
import type { LocalKind } from "./events.ts";

/** How `npm start` was asked to run. */
export interface Options {
  readonly kind: LocalKind;
  readonly upstream: URL | undefined;
  readonly sourceIp: string | undefined;
  readonly port: number;
  readonly consolePort: number;
}

/** What the command line can say. */
export const USAGE = `npm start -- [--kind rest|http] [--upstream URL] [--source-ip ADDRESS]
  --kind       the API to play: a REST API (default) or an HTTP API with payload 2.0
  --upstream   where requests that pass go; default: a sample API that answers with what it was given
  --source-ip  the address that requests seem to come from; default: the client's own
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
  const readPort = (name: string, preset: number) => {
    const port = Number(environment[name] || preset);
    if (!Number.isInteger(port) || port < 0 || port > 65535) faults.push(`${name} must be a port number`);
    return port;
  };
  const port = readPort("PORT", 3000);
  const consolePort = readPort("CONSOLE_PORT", 3001);
  if (faults.length > 0 || (kind !== "rest" && kind !== "http")) return err(faults);
  const target = upstream === undefined ? undefined : new URL(upstream);
  return ok({ kind, upstream: target, sourceIp: values["source-ip"], port, consolePort });
}

function parseFlags(args: readonly string[], faults: string[]): Readonly<Record<string, string | undefined>> {
  const text = { type: "string" } as const;
  try {
    return parseArgs({ args: [...args], options: { kind: text, upstream: text, "source-ip": text } }).values;
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
    return {};
  }
}
