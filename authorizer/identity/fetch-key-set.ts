import { err, ok, type Result } from "../../contract/result.ts";

/** How much an issuer may make us wait for and read. */
export interface Limits {
  /** For all of it: connecting, the answer, its last byte. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Why there is no key set; safe to log, since it quotes nothing of what was sent. */
export type FetchError = "unreachable" | "timeout" | "status" | "too_large" | "not_json";

/**
 * An HTTP API waits 10 s for its authorizer; its native JWT authorizer reads key sets of up to 150,000 bytes (API Gateway
 * developer guide, "Quotas for configuring and running an HTTP API").
 */
const LIMITS: Limits = { timeoutMs: 2_000, maxBytes: 150_000 };

/**
 * Fetches JSON. Redirects are not followed.
 *
 * By `node:https`, loaded when it is needed: a cold start with packed key sets does without.
 */
export async function fetchKeySet(
  uri: string,
  { timeoutMs, maxBytes }: Limits = LIMITS,
): Promise<Result<unknown, FetchError>> {
  const { get } = uri.startsWith("http:") ? await import("node:http") : await import("node:https");
  return new Promise((resolve) => {
    const request = get(uri, { agent: false }, (response) => {
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
    // Counted from here, whatever it is that takes long.
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
