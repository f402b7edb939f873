import { randomUUID } from "node:crypto";
import type { LogEntry } from "../contract/decision-log.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { checkContract, isKeyOfRequest } from "./cache-guard.ts";
import { parseConfig } from "./config.ts";
import type { AuthorizerResponse } from "./gateway/response.ts";
import { fetchKeySet } from "./identity/fetch-key-set.ts";
import { createKeySets } from "./identity/key-sets.ts";
import { createVerify } from "./identity/verify.ts";
import { readPackage } from "./package.ts";
import { createPipeline } from "./pipeline.ts";
import { createToCalendar } from "./policy/calendar.ts";
import { createEvaluator, type Evaluate } from "./policy/evaluator.ts";
import { createToInput } from "./policy/input.ts";

/** The outputs of the handler besides its responses. */
export interface Outputs {
  /** Writes an entry of the decision log. */
  readonly record: (entry: LogEntry) => void;
  /** Shows an operator a warning. */
  readonly warn: (line: string) => void;
}

/**
 * Puts the authorizer together.
 *
 * @param environment - The variables of the Lambda.
 * @param folder - The folder of the package: a `file:` URL that ends in a slash.
 * @throws If the configuration or the package has errors. The message has a line for each.
 */
export function createHandler(
  environment: Readonly<Record<string, string | undefined>>,
  folder: URL,
  { record, warn }: Outputs,
): (event: unknown) => Promise<AuthorizerResponse> {
  const config = parseConfig(environment);
  const packed = readPackage(folder);
  if (!config.ok || !packed.ok) throw toStartError([config, packed].flatMap((part) => (part.ok ? [] : part.error)));
  const { issuers, tokenSources, httpResponse, tokenTimes, deployedContract } = config.value;
  const { manifest, revision, module, data, keySets } = packed.value;
  if (revision !== manifest.revision) {
    warn(
      "manifest.json is of another build than policy.wasm and data.json, so the policy may miss parts of its input; " +
        "deploy a package as a whole",
    );
  }
  const contract = manifest.cache_contract;
  if (deployedContract === undefined) {
    warn(
      "CACHE_CONTRACT is not set, so that the authorizer can't check how its responses are cached. Each is valid for " +
        "one method and path only: set the TTL to 0, or deploy cache keys and CACHE_CONTRACT as " +
        "rego-authorizer cache-contract prints them",
    );
  } else {
    const checked = checkContract(deployedContract, contract, manifest.trailing_slash);
    if (!checked.ok) throw toStartError([checked.error]);
  }
  const toCalendar = createToCalendar(manifest.input_references);
  if (!toCalendar.ok) {
    throw toStartError([
      `manifest.json: the policy reads the calendar of ${toCalendar.error.join(", ")}, a time zone that this Node.js does not know; use a runtime with full ICU data`,
    ]);
  }
  const evaluate = tryEvaluator(module, data);
  if (!evaluate.ok) throw toStartError([evaluate.error]);
  const findKey = createKeySets(
    {
      fetchKeySet: (uri) => fetchKeySet(uri),
      nowMs: () => Date.now(),
      report: ({ issuer, cause }) =>
        warn(
          `no key set of ${issuer}: ${cause}; until a fetch succeeds, tokens signed with keys not cached here get 500`,
        ),
    },
    keySets,
  );
  return createPipeline(
    {
      verify: createVerify(issuers, findKey, tokenTimes),
      evaluate: evaluate.value,
      toInput: createToInput(manifest.input_references, contract.required, tokenSources, toCalendar.value),
      nowMs: () => Date.now(),
      nowNs: () => Number(process.hrtime.bigint()),
      newId: randomUUID,
      record,
    },
    {
      revision,
      tokenSources,
      httpResponse,
      isKeyOfRequest: (kind) => isKeyOfRequest(deployedContract, kind),
      cachesHttpResponses: deployedContract?.http !== undefined,
      userTokenUse: manifest.user_token_use,
      trailingSlash: manifest.trailing_slash ?? "denied",
      tokenDocuments: deployedContract?.cacheScope === "token" ? contract.token_documents : undefined,
    },
  );
}

function tryEvaluator(module: WebAssembly.Module, data: ArrayBuffer): Result<Evaluate, string> {
  try {
    return ok(createEvaluator(module, data));
  } catch {
    return err("policy.wasm, data.json: can't be loaded; build and deploy the package again");
  }
}

function toStartError(lines: readonly string[]): Error {
  const error = new Error(`the authorizer can't start:\n${lines.join("\n")}\n`);
  // A stack within the bundle would not help the operator.
  error.stack = error.message;
  return error;
}
