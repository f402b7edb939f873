import { randomUUID } from "node:crypto";
import type { LogEntry } from "../contract/decision-log.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { checkContract } from "./cache-guard.ts";
import { parseConfig } from "./config.ts";
import type { Answer } from "./gateway/answer.ts";
import { fetchKeySet } from "./identity/fetch-key-set.ts";
import { createKeySets } from "./identity/key-sets.ts";
import { createVerify } from "./identity/verify.ts";
import { readPackage } from "./package.ts";
import { createPipeline } from "./pipeline.ts";
import { createEvaluator, type Evaluate } from "./policy/evaluator.ts";
import { createToInput } from "./policy/input.ts";

/** Where the handler writes. */
export interface Outputs {
  /** The decision log. */
  readonly record: (entry: LogEntry) => void;
  /** What an operator should see besides. */
  readonly warn: (line: string) => void;
}

/**
 * Puts the authorizer together.
 *
 * @param environment - The variables of the Lambda.
 * @param folder - Of the package; a `file:` URL that ends in a slash.
 * @throws If the configuration or the package has a fault: all of them, a line each.
 */
export function createHandler(
  environment: Readonly<Record<string, string | undefined>>,
  folder: URL,
  { record, warn }: Outputs,
): (event: unknown) => Promise<Answer> {
  const config = parseConfig(environment);
  const packed = readPackage(folder);
  if (!config.ok || !packed.ok) throw toStartError([config, packed].flatMap((part) => (part.ok ? [] : part.error)));
  const { issuers, tokenSource, httpResponse, tokenTimes, deployedContract } = config.value;
  const { manifest, revision, module, data, keySets } = packed.value;
  if (revision !== manifest.revision) {
    warn("manifest.json is of another build than policy.wasm and data.json; deploy a package as a whole");
  }
  const contract = manifest.cache_contract;
  if (deployedContract === undefined) {
    warn(
      "CACHE_CONTRACT is not set: answers are for one method and path; keep them no longer unless both are in the key",
    );
  } else {
    const checked = checkContract(deployedContract, contract);
    if (!checked.ok) throw toStartError([checked.error]);
  }
  const evaluate = tryEvaluator(module, data);
  if (!evaluate.ok) throw toStartError([evaluate.error]);
  const findKey = createKeySets(
    {
      fetchKeySet: (uri) => fetchKeySet(uri),
      nowMs: () => Date.now(),
      report: ({ issuer, cause }) => warn(`no key set of ${issuer}: ${cause}`),
    },
    keySets,
  );
  return createPipeline(
    {
      verify: createVerify(issuers, findKey, tokenTimes),
      evaluate: evaluate.value,
      toInput: createToInput(manifest.input_references, contract.required, tokenSource),
      nowMs: () => Date.now(),
      nowNs: () => Number(process.hrtime.bigint()),
      newId: randomUUID,
      record,
    },
    {
      revision,
      tokenSource,
      httpResponse,
      cachesHttpResponses: deployedContract?.http !== undefined,
      tokenDocuments: deployedContract?.cacheScope === "token" ? contract.token_documents : undefined,
    },
  );
}

function tryEvaluator(module: WebAssembly.Module, data: ArrayBuffer): Result<Evaluate, string> {
  try {
    return ok(createEvaluator(module, data));
  } catch {
    return err("policy.wasm, data.json: can't be loaded; run npm run build");
  }
}

function toStartError(lines: readonly string[]): Error {
  const error = new Error(`the authorizer can't start:\n${lines.join("\n")}\n`);
  // Where in the bundle it was thrown is of no use to whoever reads this.
  error.stack = error.message;
  return error;
}
