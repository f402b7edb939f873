/** How much an issuer may make us wait for and read. */
export interface Limits {
  /** For all of it: connecting, the answer, its last byte. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/**
 * An HTTP API waits 10 s for its authorizer; its native JWT authorizer reads key sets of up to 150,000 bytes (API Gateway
 * developer guide, "Quotas for configuring and running an HTTP API").
 */
const LIMITS: Limits = { timeoutMs: 2_000, maxBytes: 150_000 };

/**
 * Fetches JSON. Redirects are not followed.
 *
 * By `node:https`, loaded when it is needed: a cold start with packed key sets does without.
 *
 * @throws If there is none within the limits.
 */
export async function fetchKeySet(uri: string, { timeoutMs, maxBytes }: Limits = LIMITS): Promise<unknown> {
  const { get } = uri.startsWith("http:") ? await import("node:http") : await import("node:https");
  const body = await new Promise<string>((resolve, reject) => {
    const request = get(uri, { signal: AbortSignal.timeout(timeoutMs), agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      if (response.statusCode !== 200) request.destroy(new Error(`status ${response.statusCode}`));
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > maxBytes) request.destroy(new Error("too large"));
      });
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
  return JSON.parse(body);
}
