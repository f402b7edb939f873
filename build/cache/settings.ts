import type { CacheContract } from "../../authorizer/policy/manifest.ts";
import { type CachingApi, toIdentitySources } from "./identity-sources.ts";

/** An authorizer as a deployment has it. */
export interface AuthorizerSettings {
  readonly name: string;
  /** 0: no cache. */
  readonly ttlS: number;
  readonly identitySources: readonly string[];
}

/** The authorizers of one kind of API. */
export function toSettings(
  contract: CacheContract,
  api: CachingApi,
  ttlS: number,
  tokenSource?: string,
): readonly AuthorizerSettings[] {
  return Object.entries(contract.authorizers).map(([name, authorizer]) => ({
    name,
    ttlS: authorizer.class === "never" ? 0 : ttlS,
    identitySources: toIdentitySources(api, authorizer[api], tokenSource),
  }));
}

/** The value of `CACHE_CONTRACT`: what all authorizers with a cache have in their key, for the guard at run time. */
export function toCacheContractVariable(contract: CacheContract, apis: readonly CachingApi[]): string {
  const caching = Object.values(contract.authorizers).filter((authorizer) => authorizer.class !== "never");
  const common = (api: CachingApi) => {
    const [first, ...others] = caching.map((authorizer) => authorizer[api]);
    return first?.filter((source) => others.every((sources) => sources.includes(source)));
  };
  return JSON.stringify({
    id: contract.id,
    ...(contract.token_answers !== undefined && apis.includes("rest") && { answers: "token" }),
    ...Object.fromEntries(apis.map((api) => [api, common(api)])),
  });
}
