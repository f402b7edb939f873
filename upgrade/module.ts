import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createEvaluator } from "../authorizer/policy/evaluator.ts";
import type { EngineInput } from "../contract/engine-input.ts";
import { isObject, isTexts } from "../contract/json.ts";
import { parseResultSet } from "../contract/result-set.ts";

/** A built module, of any version of the product. */
export interface BuiltModule {
  /** Decides an input; gives one line with the effect, and the grants, reasons and denials that led to it. */
  readonly decide: (input: EngineInput) => string;
  /** Lists what a principal may do without a request, as JSON. */
  readonly listEntitlements: (input: EngineInput) => string;
  /** The JSON text of the data document. */
  readonly data: string;
}

/** Reads the module that `rego-authorizer build` wrote into a folder. */
export async function readModule(dist: string): Promise<BuiltModule> {
  const read = (name: string) => readFile(join(dist, "authorizer", name));
  const [wasm, data] = await Promise.all([read("policy.wasm"), read("data.json")]);
  return createModule(Uint8Array.from(wasm), data);
}

/** Creates a module from what OPA compiled, and its data document. */
export function createModule(wasm: Uint8Array<ArrayBuffer>, data: Uint8Array): BuiltModule {
  const evaluate = createEvaluator(new WebAssembly.Module(wasm), Uint8Array.from(data).buffer);
  const resultOf = (entrypoint: string, input: EngineInput): unknown => {
    const evaluated = evaluate(entrypoint, input);
    // Another version's results may have another form, so any is taken.
    const parsed = evaluated.ok ? parseResultSet<unknown>(evaluated.value, () => undefined) : evaluated;
    return parsed.ok ? parsed.value : parsed.error;
  };
  return {
    decide: (input) => formatDecision(resultOf("engine/decision", input)),
    listEntitlements: (input) => JSON.stringify(resultOf("engine/entitlements", input)),
    data: Buffer.from(data).toString(),
  };
}

/** Formats a decision of any version: it has at least these keys. */
function formatDecision(decision: unknown): string {
  if (!isObject(decision) || typeof decision["effect"] !== "string") return `fault: ${JSON.stringify(decision)}`;
  const names = ["grants", "reasons", "denials"].flatMap((key) => (isTexts(decision[key]) ? decision[key] : []));
  return [decision["effect"], ...names].join(" ");
}
