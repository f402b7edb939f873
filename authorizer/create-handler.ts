import { randomUUID } from "node:crypto";
import { parseDecision } from "../contract/decision.ts";
import type { LogFormat } from "../contract/decision-log.ts";
import type { LogEntry } from "../contract/log-entry.ts";
import { contractOf } from "../contract/manifest.ts";
import type { CodeOf } from "../contract/reason-codes.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { IssuerFile } from "../contract/trusted-issuers.ts";
import { isKeyOfRequest } from "./cache-guard.ts";
import { parseEnvironment } from "./config.ts";
import { explainDeployment, findDeployment } from "./deployment-guard.ts";
import { createExplainRefusal } from "./identity/explain-refusal.ts";
import { fetchKeySet } from "./identity/fetch-key-set.ts";
import { createKeySets, type RemainingMs } from "./identity/key-sets.ts";
import { createSteadyClock } from "./identity/steady-clock.ts";
import { countIssuers } from "./identity/trusted-issuer.ts";
import { createVerify } from "./identity/verify.ts";
import { formatKeysLine } from "./keys-line.ts";
import { readPackage, readPackedIssuers } from "./package.ts";
import { compareWithPackage } from "./package-guard.ts";
import { createPipeline, type Effects, type Respond, type Settings } from "./pipeline.ts";
import { createToCalendar } from "./policy/calendar.ts";
import { createEvaluator, type Evaluate } from "./policy/evaluator.ts";
import { createToInput } from "./policy/input.ts";

/** The outputs of the handler besides its responses. */
export interface Outputs {
  /** Writes an entry of the decision log, in the form that `DECISION_LOG` says. */
  readonly record: (entry: LogEntry, format: LogFormat) => void;
  /** Writes a line of the log that is not a decision. Default: nothing. */
  readonly write?: (line: string) => void;
  /** Shows an operator a warning. */
  readonly warn: (line: string) => void;
}

/** Responds to an event. The ARN that was invoked says which API it comes from. */
type Invoke = (
  event: unknown,
  remainingMs?: RemainingMs,
  invokedFunctionArn?: string,
  invocationId?: string,
) => ReturnType<Respond>;

/** The packed issuers if their file can't be used: then TRUSTED_ISSUERS may be right although it names none. */
const NOT_READ: IssuerFile = { file: "issuers.json", entries: [] };

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
  { record, warn, write = () => {} }: Outputs,
): Invoke {
  const packed = readPackage(folder);
  const packedIssuers = readPackedIssuers(folder);
  const { config, known } = parseEnvironment(environment, packedIssuers.ok ? packedIssuers.value : NOT_READ);
  const compared = packed.ok && packedIssuers.ok ? compareWithPackage(known, packed.value) : undefined;
  if (!config.ok || !packed.ok || !packedIssuers.ok || compared === undefined) {
    const errors = [config, packed, packedIssuers].flatMap((part) => (part.ok ? [] : part.error));
    throw toStartError([...errors, ...(compared?.errors ?? [])]);
  }
  const settings = config.value;
  const { issuers, tokenSources, httpResponse, tokenTimes, deployedContract, keys, passedOn, logFormat } = settings;
  const { manifest, revision, module, data } = packed.value;
  if (revision !== manifest.revision) {
    warn(
      "manifest.json is of another build than policy.wasm and data.json, so the policy may miss parts of its input; " +
        "deploy a package as a whole",
    );
  }
  for (const line of compared.warnings) warn(line);
  if (deployedContract === undefined) {
    warn(
      "CACHE_CONTRACT is not set, so that the authorizer can't check how its responses are cached. Each is valid for " +
        "one method and path only: set the TTL to 0, or deploy cache keys, CACHE_CONTRACT and API_CONTRACTS as " +
        "rego-authorizer cache-contract prints them",
    );
  }
  const toCalendar = createToCalendar(manifest.input_references);
  const evaluate = tryEvaluator(module, data);
  if (!toCalendar.ok || !evaluate.ok || compared.errors.length > 0) {
    throw toStartError([
      ...compared.errors,
      ...(toCalendar.ok ? [] : [formatUnknownZones(toCalendar.error)]),
      ...(evaluate.ok ? [] : evaluate.error),
    ]);
  }
  const warned = new Set<string>();
  function warnOnce(line: string): void {
    if (!warned.has(line)) warn(line);
    warned.add(line);
  }
  const version = environment["AWS_LAMBDA_FUNCTION_VERSION"];
  const findKey = createKeySets(
    {
      fetchKeySet: keys === "packed" ? undefined : (uri) => fetchKeySet(uri),
      // The first use of `performance` would load its whole module, which a cold start does not need.
      nowMs: createSteadyClock(Date.now, () => nowNs() / 1e6),
      // Each attempt that fails has a line, so that an alarm lasts as long as its cause. Attempts are up to five minutes apart.
      report: ({ issuer, cause }) =>
        warn(
          `keys.not_renewed: no key set of ${issuer}: ${cause}; cached keys are used for up to a day, and other tokens get 401; without cached keys, all tokens of this issuer get 500`,
        ),
      reportAge: (age) => write(formatKeysLine(age, version, Date.now())),
    },
    compared.keySets,
  );
  const effects: Omit<Effects, "explainDeployment"> = {
    verify: createVerify(issuers, findKey, tokenTimes),
    evaluate: evaluate.value,
    explainRefusal: createExplainRefusal(issuers, warn),
    toInput: createToInput(manifest.input_references, manifest.request_values, tokenSources, toCalendar.value),
    nowMs: () => Date.now(),
    nowNs,
    newId: randomUUID,
    record: (entry) => record(entry, logFormat),
  };

  const log = {
    version,
    namesIssuer: logFormat === "opa" || countIssuers(issuers) > 1,
  };

  function toPipeline(invokedFunctionArn: string | undefined): Respond {
    const deployment = findDeployment(invokedFunctionArn, settings, manifest.apis);
    const deployed = deployment.ok ? deployment.value.contract : undefined;
    const apiName = deployment.ok ? deployment.value.apiName : undefined;
    const ownContract = contractOf(manifest, apiName) ?? manifest.cache_contract;
    const explain = (code: CodeOf<"deployment">) => warnOnce(explainDeployment(code, invokedFunctionArn));
    const ofDeployment: Settings = {
      ...{ revision, tokenSources, httpResponse, passedOn, deployment, apiName, ...log },
      isKeyOfRequest: (kind) => isKeyOfRequest(deployed, kind),
      cachesHttpResponses: deployed?.http !== undefined,
      uncachedApis: (["rest", "http"] as const).filter((api) => deployed && deployed[api] === undefined),
      userTokenUse: manifest.user_token_use,
      trailingSlash: manifest.trailing_slash ?? "denied",
      tokenDocuments: deployed?.cacheScope === "token" ? ownContract.token_documents : undefined,
    };
    return createPipeline({ ...effects, explainDeployment: explain }, ofDeployment);
  }

  // Environments serve all aliases of their version, so there are as many ARNs as APIs.
  const pipelines = new Map<string | undefined, Respond>();
  return function invoke(event, remainingMs, invokedFunctionArn, invocationId) {
    const found = pipelines.get(invokedFunctionArn);
    const respond = found ?? toPipeline(invokedFunctionArn);
    if (found === undefined) pipelines.set(invokedFunctionArn, respond);
    return respond(event, remainingMs, invocationId);
  };
}

/** The time in nanoseconds from any start. */
function nowNs(): number {
  return Number(process.hrtime.bigint());
}

/** Creates the evaluator, and tries it: a module without the entry point could otherwise fail at each request. */
function tryEvaluator(module: WebAssembly.Module, data: ArrayBuffer): Result<Evaluate, readonly string[]> {
  try {
    const evaluate = createEvaluator(module, data);
    const tried = evaluate("engine/decision", {});
    if (tried.ok && parseDecision(tried.value).ok) return ok(evaluate);
    return err(["policy.wasm, data.json: give no decision on a trial; build and deploy the package again"]);
  } catch {
    return err(["policy.wasm, data.json: can't be loaded; build and deploy the package again"]);
  }
}

function formatUnknownZones(zones: readonly string[]): string {
  return `manifest.json: the policy reads the calendar of ${zones.join(", ")}, a time zone that this Node.js does not know; use a runtime with full ICU data`;
}

function toStartError(lines: readonly string[]): Error {
  const error = new Error(`the authorizer can't start:\n${lines.join("\n")}\n`);
  // A stack within the bundle would not help the operator.
  error.stack = error.message;
  return error;
}
