import { isObject, isText, isTexts } from "../contract/json.ts";
import type { CacheContract } from "../contract/manifest.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { HTTP_KEY, REST_KEY, type Source } from "./gateway/identity-source.ts";

/**
 * What the deployed authorizers were made for: `CACHE_CONTRACT`, which the deployment writes.
 *
 * Per kind of API the identity sources that all its authorizers with a cache have; a kind without them has no cache.
 */
export interface DeployedContract {
  /** Of the manifest that it was derived from. */
  readonly id: string;
  /** `token`: routes of class `token` have the token alone in their key. */
  readonly answers: "request" | "token";
  readonly rest: readonly Source[] | undefined;
  readonly http: readonly Source[] | undefined;
  /** Where the keys have the token; undefined if that is not said. As `TOKEN_SOURCE`. */
  readonly tokenSource: string | undefined;
}

const SOURCE = /^(token|method|path|route|source_ip|domain|(header|query)\..+)$/s;

/**
 * Reads `CACHE_CONTRACT`: `{"id": "sha256:…", "rest": ["token", "method", "path"], "http": ["token", "route", "method",
 * "path"]}`, perhaps with `"answers": "token"`.
 *
 * @returns The contract, none if nothing is said, or a line for every fault.
 */
export function parseDeployedContract(
  text: string | undefined,
): Result<DeployedContract | undefined, readonly string[]> {
  if (text === undefined) return ok(undefined);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isObject(value)) return err(["CACHE_CONTRACT: must be a JSON object; npm run cache-contract prints it"]);
  const { id, answers = "request", rest, http, token_source: tokenSource, ...others } = value;
  const faults = [
    ...(typeof id === "string" ? [] : ["id must be that of the manifest it was made from"]),
    ...(answers === "request" || answers === "token" ? [] : ["answers must be request or token"]),
    ...(Object.keys(others).length === 0 ? [] : ["its keys are id, answers, token_source, rest and http"]),
    ...(tokenSource === undefined || isText(tokenSource) ? [] : ["token_source must be as TOKEN_SOURCE"]),
    ...checkSources("rest", rest, answers === "token" ? ["token"] : REST_KEY),
    ...checkSources("http", http, HTTP_KEY),
  ];
  if (faults.length > 0) return err(faults.map((fault) => `CACHE_CONTRACT: ${fault}`));
  return ok({ id, answers, rest, http, tokenSource } as DeployedContract);
}

function checkSources(api: string, sources: unknown, least: readonly Source[]): readonly string[] {
  if (sources === undefined) return [];
  if (!isTexts(sources) || !sources.every((source) => SOURCE.test(source)))
    return [`${api} must be a list of identity sources, like ${JSON.stringify(least)}`];
  const missing = least.filter((source) => !sources.includes(source));
  return missing.length === 0 ? [] : [`${api} must have ${missing.join(", ")}`];
}

/**
 * Whether answers of a policy may be kept as the authorizers that are deployed would keep them.
 *
 * A policy that was built for the same contract may. Another's routes may have become more demanding, and which of them
 * have is not known here: so all that it needs must be in all keys.
 *
 * @returns Why not, and what to do.
 */
export function checkContract(deployed: DeployedContract, built: CacheContract): Result<void, string> {
  const { id, answers, rest, http } = deployed;
  const advice = "deploy the API's authorizers again with this package, or flush their caches and set their TTL to 0";
  if (answers === "token" && (built.token_answers === undefined || built.id !== id)) {
    return err(`CACHE_CONTRACT: is for other per-token answers than this package's; ${advice}`);
  }
  if (built.id === id) return ok(undefined);
  for (const sources of [rest, http]) {
    const missing = sources === undefined ? [] : built.needs.filter((need) => !sources.includes(need));
    if (missing.length > 0) {
      const what = missing.includes("never")
        ? "has answers that must not be kept"
        : `needs ${missing.join(", ")} in the key`;
      return err(`CACHE_CONTRACT: the policy ${what}, which the authorizers were not deployed for; ${advice}`);
    }
  }
  return ok(undefined);
}
