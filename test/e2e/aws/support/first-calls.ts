import { call } from "./client.ts";
import type { Run } from "./run.ts";

/** The time of a call of the REST API, authorizer and sample backend together. */
export interface FirstCalls {
  /** The first call: neither function is running, and the authorizer has no keys. */
  readonly coldMs: number;
  readonly warmMs: number;
  /** A call for which API Gateway has a cached response. */
  readonly cachedMs: number;
}

const TIMES = 7;

export async function measureFirstCalls(run: Run): Promise<FirstCalls> {
  const ask = async (path: string) => {
    const { status, body, elapsedMs } = await call(run, { api: "rest", path, token: run.tokens.admin });
    if (status !== 200) throw new Error(`the first call was answered with ${status}: ${body}`);
    return elapsedMs;
  };
  const coldMs = await ask("/admin");
  const warm: number[] = [];
  const cached: number[] = [];
  for (let at = 0; at < TIMES; at++) {
    warm.push(await ask(`/admin/users/${at}`));
    cached.push(await ask(`/admin/users/${at}`));
  }
  return { coldMs, warmMs: medianOf(warm), cachedMs: medianOf(cached) };
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
