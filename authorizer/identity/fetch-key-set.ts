import type { LookupFunction } from "node:net";
import { err, ok, type Result } from "../../contract/result.ts";

/** The limits of a fetch. */
export interface Limits {
  /** The time from connecting to the last byte of the response. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Why a fetch gave no key set. It is safe to log, since it quotes no part of the response. */
export type FetchError = "unreachable" | "timeout" | "status" | "too_large" | "not_json";

/** Fetches a key set as JSON. */
export type FetchKeySet = (uri: string) => Promise<Result<unknown, FetchError>>;

/**
 * The default limits. An HTTP API waits 10 s for its authorizer; its native JWT authorizer reads key sets of up to 150,000
 * bytes (API Gateway developer guide, "Quotas for configuring and running an HTTP API").
 */
const LIMITS: Limits = { timeoutMs: 2_000, maxBytes: 150_000 };

/**
 * Resolves every name to loopback. Plain http is accepted for this machine only, and a name server could give `localhost`
 * another address.
 */
const toLoopback: LookupFunction = (_, { all }, callback) => {
  const addresses = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  if (all) callback(null, addresses);
  else callback(null, "127.0.0.1", 4);
};

/**
 * Fetches a key set as JSON. It does not follow redirects. Over plain http it connects to this machine only.
 *
 * It imports `node:https` only when it is called, since a cold start with packed key sets does not need it.
 */
export async function fetchKeySet(
  uri: string,
  { timeoutMs, maxBytes }: Limits = LIMITS,
): Promise<Result<unknown, FetchError>> {
  const isPlain = uri.startsWith("http:");
  const { get } = isPlain ? await import("node:http") : await import("node:https");
  return new Promise((resolve) => {
    // Said explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED can't switch the check of certificates off.
    const options = { agent: false, rejectUnauthorized: true, ...(isPlain && { lookup: toLoopback }) };
    const request = get(uri, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      if (response.statusCode !== 200) end(err("status"));
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > maxBytes) end(err("too_large"));
      });
      response.on("end", () => end(parseJson(Buffer.concat(chunks).toString())));
      response.on("error", () => end(err("unreachable")));
    });
    // The timer covers connecting, sending and receiving; a socket timeout would start again with each byte.
    const timer = setTimeout(() => end(err("timeout")), timeoutMs);
    request.on("error", () => end(err("unreachable")));

    function end(result: Result<unknown, FetchError>): void {
      clearTimeout(timer);
      resolve(result);
      request.destroy();
    }
  });
}

function parseJson(text: string): Result<unknown, FetchError> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return err("not_json");
  }
}
