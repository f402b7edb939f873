/** For connecting, the whole body and everything between. An HTTP API waits 10 s for its authorizer. */
const TIMEOUT_MS = 2_000;

/** A native JWT authorizer of an HTTP API takes up to 150,000 bytes (developer guide, "JWT authorizers"). */
const MAX_BODY_BYTES = 150_000;

/**
 * Fetches JSON in bounded time and size, without following redirects.
 *
 * `node:https` rather than the global `fetch`: loaded on demand, it costs a cold start with packed key sets nothing.
 */
export async function fetchKeySet(uri: string): Promise<unknown> {
  const { get } = uri.startsWith("http:") ? await import("node:http") : await import("node:https");
  const body = await new Promise<string>((resolve, reject) => {
    const request = get(uri, { signal: AbortSignal.timeout(TIMEOUT_MS), agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      if (response.statusCode !== 200) request.destroy(new Error(`status ${response.statusCode}`));
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) request.destroy(new Error("too large"));
        chunks.push(chunk);
      });
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
  return JSON.parse(body);
}
