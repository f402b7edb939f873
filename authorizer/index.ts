import { randomUUID } from "node:crypto";
import { createAuthorize } from "./authorize.ts";
import { parseConfig } from "./config.ts";
import { fetchKeySet } from "./identity/fetch-key-set.ts";
import { createKeySets } from "./identity/key-sets.ts";
import { createVerify } from "./identity/verify.ts";
import { readPackage } from "./package.ts";
import { createEvaluator, type Evaluate } from "./policy/evaluator.ts";
import { createToInput } from "./policy/input.ts";

const config = parseConfig(process.env);
const packed = readPackage(new URL("./", import.meta.url));
if (!config.ok || !packed.ok) refuseToStart([config, packed].flatMap((part) => (part.ok ? [] : part.error)));
const { issuers, tokenSource, httpResponse, tokenTimes } = config.value;
const { manifest, revision, module, data, keySets } = packed.value;
if (revision !== manifest.revision) {
  console.error("manifest.json is of another build than policy.wasm and data.json; deploy a package as a whole");
}

let evaluate: Evaluate;
try {
  evaluate = createEvaluator(module, data);
} catch {
  refuseToStart(["policy.wasm, data.json: can't be loaded; run npm run build"]);
}

/**
 * The Lambda authorizer, for every kind of API.
 *
 * @throws `Unauthorized`, which API Gateway answers with 401, or a code, which it answers with 500.
 */
export const handler = createAuthorize(
  {
    verify: createVerify(
      issuers,
      createKeySets(
        {
          fetchKeySet: (uri) => fetchKeySet(uri),
          nowMs: Date.now,
          report: ({ issuer, cause }) => console.error(`no key set of ${issuer}: ${cause}`),
        },
        keySets,
      ),
      tokenTimes,
    ),
    evaluate,
    toInput: createToInput(manifest.reads, tokenSource),
    nowMs: Date.now,
    nowNs: () => Number(process.hrtime.bigint()),
    newId: randomUUID,
    record: (entry) => process.stdout.write(`${JSON.stringify(entry)}\n`),
  },
  { revision, tokenSource, httpResponse },
);

function refuseToStart(faults: readonly string[]): never {
  const error = new Error(`the authorizer can't start:\n${faults.join("\n")}\n`);
  // Where in the bundle it was thrown is of no use to whoever reads this.
  error.stack = error.message;
  throw error;
}
