import { type ApiContract, parseApiContracts } from "../contract/api-contracts.ts";
import type { Api } from "../contract/api-kinds.ts";
import { parseCacheContract } from "../contract/cache-contract.ts";
import { parseDeploymentAlias } from "../contract/deployment-alias.ts";
import { toIdentitySources } from "../contract/identity-sources.ts";
import { ok, type Result } from "../contract/result.ts";
import { createAliasesOf, createFindMode } from "./aliases.ts";
import type { Finding } from "./finding.ts";
import { tokenSourcesOf } from "./judge-caches.ts";
import type { GateAuthorizer, GateFunction, Model } from "./model.ts";
import type { PolicyAuthorizers } from "./policy-authorizers.ts";

/** Finds authorizers of a policy that cache otherwise than the contract says that their function has. */
export function findBrokenContracts(model: Model, policies: PolicyAuthorizers): readonly Finding[] {
  const kinds = new Map(model.apis.map(({ key, kind }) => [key, kind]));
  const aliasesOf = createAliasesOf(model);
  const findMode = createFindMode(model, policies);
  return model.authorizers.flatMap((authorizer) => {
    const kind = kinds.get(authorizer.api) ?? authorizer.kind;
    if (kind === undefined || policies.findDoubt(authorizer) !== undefined) return [];
    const broken = findMode(authorizer) === "report" ? findReportFault(authorizer) : undefined;
    const causes =
      broken !== undefined
        ? [broken]
        : policies
            .functionsOf(authorizer)
            .flatMap((invoked) =>
              aliasesOf(authorizer).map((alias) => findDifference(authorizer, invoked, kind, alias ?? "")),
            );
    return causes.flatMap((cause): readonly Finding[] => {
      if (cause === undefined) return [];
      const { place, names } = authorizer;
      const advice = "set the alias, the TTL and the identity sources that rego-authorizer cache-contract prints";
      return [{ code: "cache.contract", place, cause: `the authorizer ${names.at(-1)} ${cause}`, advice, names }];
    });
  });
}

/** Finds out why a report-only authorizer would break an open API, or serve its Allow to later requests. */
function findReportFault({ ttlS, identitySources, type }: GateAuthorizer): string | undefined {
  if (type === "token" || identitySources.length > 0)
    return "is report-only and has an identity source, so that API Gateway refuses requests without it, which are let through today";
  if (ttlS !== 0)
    return `is report-only, and caches responses${ttlS === undefined ? "" : ` for ${ttlS} seconds`}, so that not every request is decided and logged`;
  return undefined;
}

function findDifference(
  { ttlS, identitySources }: GateAuthorizer,
  invoked: GateFunction,
  kind: Api,
  alias: string,
): string | undefined {
  const contract = readContract(invoked, alias);
  if (!contract.ok) return contract.error;
  if (contract.value === undefined || ttlS === 0) return undefined;
  const { api, key, tokenSources } = contract.value;
  if (api !== undefined && api !== kind)
    return `invokes the alias ${alias}, whose contract is for an API of kind ${api}`;
  if (kind === "websocket") return undefined;
  if (ttlS === undefined) return "has a TTL that the files do not show, so it can't be compared with the contract";
  const parts = key[kind];
  if (parts === undefined)
    return `caches responses for ${ttlS} seconds, but the contract of its function says that none are cached`;
  const missing = toIdentitySources(kind, parts, tokenSources).filter((source) => !identitySources.includes(source));
  if (missing.length === 0) return undefined;
  return `caches responses without ${missing.join(", ")} in the cache key, which the contract of its function says is there`;
}

interface Contract {
  /** The kind of API that it is for; undefined for all. */
  readonly api: Api | undefined;
  readonly key: { readonly rest: ApiContract["key"]; readonly http: ApiContract["key"] };
  readonly tokenSources: ReturnType<typeof tokenSourcesOf>;
}

/** Reads the contract that a function has for an alias; undefined if the files don't show it, or an error. */
function readContract(invoked: GateFunction, alias: string): Result<Contract | undefined, string> {
  const { environment } = invoked;
  const common = parseCacheContract(environment["CACHE_CONTRACT"]);
  if (!common.ok || common.value === undefined) return ok(undefined);
  const { rest, http, tokenSources = tokenSourcesOf(invoked) } = common.value;
  const forAll = ok({ api: undefined, key: { rest, http }, tokenSources });
  if (!Object.hasOwn(environment, "API_CONTRACTS")) return forAll;
  const contracts = parseApiContracts(environment["API_CONTRACTS"]);
  if (environment["API_CONTRACTS"] === undefined || !contracts.ok) return ok(undefined);
  const parsed = parseDeploymentAlias(alias);
  if (!parsed.ok) {
    if (Object.hasOwn(environment, "UNQUALIFIED_CONTRACT")) return forAll;
    return { ok: false, error: "invokes its function without an alias that names a contract, and gets a fault" };
  }
  const own = contracts.value.get(parsed.value.contract);
  if (own === undefined)
    return { ok: false, error: `invokes the alias ${alias}, whose contract API_CONTRACTS of its function lacks` };
  const { api, key, mode } = own;
  if (mode !== parsed.value.mode)
    return {
      ok: false,
      error: `invokes the alias ${alias}, whose contract in API_CONTRACTS of its function is ${mode === "report" ? "report-only" : "not report-only"}, and gets a fault`,
    };
  return ok({
    api,
    key: { rest: api === "rest" ? key : undefined, http: api === "http" ? key : undefined },
    tokenSources,
  });
}
